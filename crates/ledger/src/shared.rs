use crate::{Context, Fault, Map};
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
