use crate::{Context, Fault, Order, PAGE_MAX, Page, Span, Value};
use alloc::vec::Vec;
use isonomy_types::{Decode, DecodeError, Encode};

/// Which entries of an ordered collection, in which order, and how many at once. The default is all
/// of them, upwards, [`PAGE_MAX`] a page.
///
/// Keys are compared by their encoding, as [`Map`](crate::Map) says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Range<K> {
    /// The lowest key that counts. None: from the start.
    pub from: Option<K>,
    /// The lowest key above. None: to the end. At or below `from`, the range is empty.
    pub to: Option<K>,
    /// Upwards or downwards.
    pub order: Order,
    /// The cursor: only what comes after this key, in this order. None: the first page. Else the last
    /// key of the page before; one that held fewer than `limit` was the last.
    pub after: Option<K>,
    /// Entries wanted at once: 1 to [`PAGE_MAX`]. What is outside counts as the nearest.
    pub limit: usize,
}

impl<K> Default for Range<K> {
    fn default() -> Self {
        Self { from: None, to: None, order: Order::Up, after: None, limit: PAGE_MAX }
    }
}

impl<K: Encode> Range<K> {
    /// The keys under `prefix` that are in it, where a key has at most `key_bytes`.
    fn span(&self, prefix: &[u8], key_bytes: usize) -> Span {
        let full = |key: &K| [prefix, &key.encode()].concat();
        let mut span = Span::prefix(prefix);
        span.from = self.from.as_ref().map_or(span.from, full);
        span.to = self.to.as_ref().map(full).or(span.to);
        match (self.after.as_ref().map(full), self.order) {
            (Some(key), Order::Up) => match successor(&key, key_bytes) {
                Some(next) => span.from = span.from.max(next),
                None => span.to = Some(Vec::new()),
            },
            (Some(key), Order::Down) => {
                span.to = Some(span.to.map_or_else(|| key.clone(), |to| key.clone().min(to)));
            }
            (None, _) => {}
        }
        span
    }
}

/// The lowest key above that may be asked for: the longest keys have none that goes on.
pub(super) fn successor(key: &[u8], key_bytes: usize) -> Option<Vec<u8>> {
    if key.len() < key_bytes { Some([key, &[0]].concat()) } else { Span::prefix(key).to }
}

/// Reads one page of what lies under `prefix`.
pub(crate) fn page<K: Encode + Decode, E>(
    ctx: &mut Context<'_>,
    prefix: &[u8],
    range: &Range<K>,
    entry: impl Fn(K, &[u8]) -> Result<E, DecodeError>,
) -> Result<Page<E>, Fault> {
    let limit = range.limit.clamp(1, PAGE_MAX);
    let key_bytes = ctx.env().params.key_bytes as usize;
    let pairs = ctx.scan(&range.span(prefix, key_bytes), range.order, limit)?;
    let key = |full: &[u8]| K::decode_exact(full.get(prefix.len()..).unwrap_or_default());
    let entry = |(full, value): &(Vec<u8>, Value)| entry(key(full)?, value);
    let entries = pairs.iter().map(entry).collect::<Result<_, _>>().map_err(Fault::Stored)?;
    Ok(Page::truncated(entries))
}
