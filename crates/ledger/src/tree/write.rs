//! What a block writes, as the tree sees it.
use crate::root::Leaf;
use crate::{Layer, Order, ReadFailed, Span, View};
use alloc::vec::Vec;
use isonomy_crypto::{Hash, state_paths, state_values};

/// A new value's hash, or a removal.
#[derive(Clone, Copy)]
pub(super) struct Write {
    pub(super) path: Hash,
    pub(super) value: Option<Hash>,
}

/// The layer's writes, by path.
pub(super) fn writes(layer: &Layer) -> Vec<Write> {
    let mut writes = Vec::with_capacity(layer.writes.len());
    let pairs = layer.writes.iter();
    hash(pairs.map(|(key, value)| (&**key, value.as_deref())), &mut writes);
    sorted(&writes)
}

/// What would write the whole of `view` to the empty state, by path.
///
/// # Errors
/// When the view fails or names a key twice: two equal paths would never part.
pub(super) fn all(view: &dyn View) -> Result<Vec<Write>, ReadFailed> {
    let mut writes = Vec::new();
    let mut pairs = view.scan(&Span::all(), Order::Up);
    loop {
        let some = pairs.by_ref().take(READ_PAIRS).collect::<Result<Vec<_>, _>>()?;
        if some.is_empty() {
            break;
        }
        hash(some.iter().map(|(key, value)| (&**key, Some(&**value))), &mut writes);
    }
    let writes = sorted(&writes);
    let twice = writes.windows(2).any(|pair| matches!(pair, [a, b] if a.path == b.path));
    if twice { Err(ReadFailed) } else { Ok(writes) }
}

/// Pairs of a view that are hashed at once: some full batches, and little memory.
const READ_PAIRS: usize = 256;

/// Adds the writes of `pairs`, hashed many at a time.
fn hash<'a>(
    pairs: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)> + Clone,
    writes: &mut Vec<Write>,
) {
    let first = writes.len();
    let keys = pairs.clone().map(|(key, _)| key);
    state_paths(keys, |path| writes.push(Write { path, value: None }));
    let present = writes.iter_mut().skip(first).zip(pairs.clone());
    let mut slots = present.filter(|(_, (_, value))| value.is_some()).map(|(write, _)| write);
    state_values(pairs.filter_map(|(_, value)| value), |hash| {
        if let Some(write) = slots.next() {
            write.value = Some(hash);
        }
    });
}

/// By path. Sorts eight bytes of each and a place.
fn sorted(writes: &[Write]) -> Vec<Write> {
    let heads = writes.iter().map(|write| head(&write.path));
    let mut order: Vec<_> = heads.zip(0_usize..).collect();
    order.sort_unstable();
    let mut writes: Vec<Write> = order.into_iter().map(|(_, place)| writes[place]).collect();
    for equal in writes.chunk_by_mut(|one, other| head(&one.path) == head(&other.path)) {
        equal.sort_unstable_by_key(|write| write.path);
    }
    writes
}

/// `leaves` after `writes`, both by path, into `after`.
pub(super) fn merge(leaves: &[Leaf], writes: &[Write], after: &mut Vec<Leaf>) {
    let mut rest = leaves;
    for Write { path, value } in writes {
        let before = rest.iter().take_while(|[old, _]| is_before(old, path)).count();
        let (kept, others) = rest.split_at(before);
        after.extend_from_slice(kept);
        after.extend(value.map(|value| [*path, value]));
        rest = match others {
            [[old, _], others @ ..] if old == path => others,
            _ => others,
        };
    }
    after.extend_from_slice(rest);
}

/// `one < other`. Eight bytes nearly always decide.
fn is_before(one: &Hash, other: &Hash) -> bool {
    let (a, b) = (head(one), head(other));
    if a == b { one < other } else { a < b }
}

fn head(path: &Hash) -> u64 {
    path.as_bytes().first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
}

/// Whether any of `writes` would change `leaves`.
pub(super) fn changes(leaves: &[Leaf], writes: &[Write]) -> bool {
    writes.iter().any(|write| {
        let found = leaves.iter().find(|[path, _]| *path == write.path);
        found.map(|[_, value]| *value) != write.value
    })
}
