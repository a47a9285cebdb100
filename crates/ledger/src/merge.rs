use crate::{Key, Order, ReadFailed, Value};
use alloc::{boxed::Box, vec::Vec};
use core::cmp::Ordering;

/// A write: `None` is a removal.
pub(crate) type Write = (Key, Option<Value>);
/// Writes in the order of the scan, each key once.
pub(crate) type Source<'a> = Box<dyn Iterator<Item = Result<Write, ReadFailed>> + 'a>;

/// Merges ordered sources, newest first: of one key the newest write counts. Removals are among
/// what comes out. Holds one write of each source at a time.
pub(crate) fn merge(sources: Vec<Source<'_>>, order: Order) -> Merge<'_> {
    let mut heads = Vec::new();
    for source in sources {
        match Head::pull(source) {
            Ok(head) => heads.extend(head),
            Err(failed) => return Merge { heads: Vec::new(), failed: Some(failed), order },
        }
    }
    Merge { heads, failed: None, order }
}

pub(crate) struct Merge<'a> {
    heads: Vec<Head<'a>>,
    failed: Option<ReadFailed>,
    order: Order,
}

/// A source that has not ended, and its next write.
struct Head<'a> {
    write: Write,
    rest: Source<'a>,
}

impl<'a> Head<'a> {
    fn pull(mut rest: Source<'a>) -> Result<Option<Self>, ReadFailed> {
        Ok(rest.next().transpose()?.map(|write| Self { write, rest }))
    }
}

impl Merge<'_> {
    /// The next write that counts.
    fn advance(&mut self) -> Result<Option<Write>, ReadFailed> {
        let first = self.heads.iter().map(|head| &head.write.0).min_by(|a, b| match self.order {
            Order::Up => a.cmp(b),
            Order::Down => b.cmp(a),
        });
        let Some(key) = first.cloned() else { return Ok(None) };
        let (mut newest, mut index) = (None, 0usize);
        while let Some(head) = self.heads.get_mut(index) {
            if head.write.0.cmp(&key) != Ordering::Equal {
                index = index.saturating_add(1);
                continue;
            }
            match head.rest.next().transpose()? {
                Some(write) => {
                    let (_, value) = core::mem::replace(&mut head.write, write);
                    newest.get_or_insert(value);
                    index = index.saturating_add(1);
                }
                None => {
                    newest.get_or_insert(self.heads.remove(index).write.1);
                }
            }
        }
        Ok(newest.map(|value| (key, value)))
    }
}

impl Iterator for Merge<'_> {
    type Item = Result<Write, ReadFailed>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.failed.take().map_or_else(|| self.advance(), Err);
        if next.is_err() {
            self.heads.clear();
        }
        next.transpose()
    }
}
