//! What a block writes, as the tree sees it.
use super::fork::slot;
use crate::Layer;
use crate::root::Leaf;
use alloc::vec::Vec;
use isonomy_crypto::{Hash, state_paths, state_values};

/// A new value's hash, or a removal.
#[derive(Clone, Copy)]
pub(super) struct Write {
    pub(super) path: Hash,
    pub(super) value: Option<Hash>,
}

impl Write {
    pub(super) fn of([path, value]: &Leaf) -> Self {
        Self { path: *path, value: Some(*value) }
    }
}

/// The layer's writes, by path.
pub(super) fn writes(layer: &Layer) -> Vec<Write> {
    let mut writes = Vec::with_capacity(layer.writes.len());
    state_paths(layer.writes.keys(), |path| writes.push(Write { path, value: None }));
    let present = writes.iter_mut().zip(layer.writes.values());
    let mut slots = present.filter(|(_, value)| value.is_some()).map(|(write, _)| write);
    state_values(layer.writes.values().flatten(), |hash| {
        if let Some(write) = slots.next() {
            write.value = Some(hash);
        }
    });
    sorted(&writes)
}

/// By path. Sorts eight bytes of each, which nearly always decide, and a place.
fn sorted(writes: &[Write]) -> Vec<Write> {
    let head =
        |write: &Write| write.path.as_bytes().first_chunk().map(|head| u64::from_be_bytes(*head));
    let mut order: Vec<_> = writes.iter().map(head).zip(0_usize..).collect();
    order.sort_unstable();
    let mut writes: Vec<Write> = order.into_iter().map(|(_, place)| writes[place]).collect();
    for equal in writes.chunk_by_mut(|one, other| head(one) == head(other)) {
        equal.sort_unstable_by_key(|write| write.path);
    }
    writes
}

/// `leaves` after `writes`, both by path, into `after`.
pub(super) fn merge(leaves: &[Leaf], writes: &[Write], after: &mut Vec<Leaf>) {
    let mut old = leaves.iter().peekable();
    for Write { path, value } in writes {
        while let Some(before) = old.next_if(|[old, _]| old < path) {
            after.push(*before);
        }
        old.next_if(|[old, _]| old == path);
        after.extend(value.map(|value| [*path, value]));
    }
    after.extend(old);
}

/// Whether any of `writes` would change `leaves`.
pub(super) fn changes(leaves: &[Leaf], writes: &[Write]) -> bool {
    writes.iter().any(|write| {
        let found = leaves.iter().find(|[path, _]| *path == write.path);
        found.map(|[_, value]| *value) != write.value
    })
}

/// The first of `sorted`, as many as go to the child at `place` of a fork at `depth`. They are cut off.
pub(super) fn cut<'a, T>(
    sorted: &mut &'a [T],
    path: impl Fn(&T) -> &Hash,
    place: usize,
    depth: usize,
) -> &'a [T] {
    let here = sorted.iter().take_while(|item| slot(path(item), depth) == place).count();
    let (here, rest) = sorted.split_at(here);
    *sorted = rest;
    here
}
