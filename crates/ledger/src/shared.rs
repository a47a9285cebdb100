use crate::{Context, Fault, Map, Order, Span, Value};
use alloc::vec::Vec;
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Address, Decode, Encode, List, Text};

/// Entries of one answer where an account may have any number: the next question goes on behind the
/// last of them. A bound on an answer's size and work.
pub const PAGE_MAX: usize = 64;
/// Bytes of a memo on a transfer: an invoice number or a short greeting, not a file that every node
/// would store.
pub const MEMO_BYTES_MAX: usize = 256;
/// Bytes of the name of an asset or a collection: a line on a screen.
pub const NAME_BYTES_MAX: usize = 64;

/// What a giver tells the receiver, in the open. Empty: nothing.
pub type Memo = Text<MEMO_BYTES_MAX>;
/// One answer of a few of an account's entries. One that is full may have more behind it.
pub type Page<T> = List<T, PAGE_MAX>;

pub(crate) fn payload<T: Decode>(bytes: &[u8]) -> Result<T, Fault> {
    T::decode_exact(bytes).map_err(Fault::Payload)
}

/// An id that no other maker, count or chain has. Counters stay, so no id comes back.
pub(crate) fn next_id(
    ctx: &mut Context<'_>,
    domain: &Domain,
    counters: &Map<Address, u64>,
    maker: Address,
) -> Result<Hash, Fault> {
    let count = counters.get(ctx, &maker)?.unwrap_or_default();
    // Cannot saturate: no chain has room for 2⁶⁴ calls.
    counters.set(ctx, &maker, &count.saturating_add(1))?;
    Ok(id_of(ctx, domain, maker, count))
}

/// The id that [`next_id`] gave after `count` others.
pub(crate) fn id_of(ctx: &Context<'_>, domain: &Domain, maker: Address, count: u64) -> Hash {
    (ctx.env().genesis, maker, count).digest(domain)
}

/// At most [`PAGE_MAX`] entries whose keys start with `prefix` and come after `after`: what of each
/// key follows the prefix, and the value.
pub(crate) fn page<K: Decode>(
    ctx: &mut Context<'_>,
    prefix: &[u8],
    after: Option<&[u8]>,
) -> Result<Vec<(K, Value)>, Fault> {
    let mut span = Span::prefix(prefix);
    if let Some(after) = after {
        span.from = [prefix, after, &[0]].concat();
    }
    let pairs = ctx.scan(&span, Order::Up, PAGE_MAX)?.into_iter();
    let rest = |key: &[u8]| K::decode_exact(key.get(prefix.len()..).unwrap_or_default());
    let typed = pairs.map(|(key, value)| Ok((rest(&key)?, value)));
    typed.collect::<Result<_, _>>().map_err(Fault::Stored)
}

/// Whether a name says something and cannot disturb the line it is shown in.
pub(crate) fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && !name.chars().any(char::is_control)
}

/// How a memo is read to its signer: as one line in quotes, so that no memo can pass for words of
/// the wallet's.
pub(crate) fn with_memo(deed: &str, memo: &Memo) -> alloc::string::String {
    match &**memo {
        "" => deed.into(),
        memo => alloc::format!("{deed}, with the memo {memo:?}"),
    }
}
