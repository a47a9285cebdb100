//! Why unique assets refuse: the code in [`Fault::Refused`](crate::Fault::Refused). What is too long
//! for any collection does not get here: it cannot be decoded.

/// No collection has this id.
pub const UNKNOWN: u16 = 0;
/// The collection has no such item.
pub const ABSENT: u16 = 1;
/// The collection has that item already.
pub const EXISTS: u16 = 2;
/// Only the item's owner may.
pub const NOT_OWNER: u16 = 3;
/// Only the collection's issuer may.
pub const NOT_ISSUER: u16 = 4;
/// The right was never declared, was renounced, or none is named.
pub const NO_RIGHT: u16 = 5;
/// The collection would have more items than its cap, or its cap is zero.
pub const CAP: u16 = 6;
/// A name is not blank and has no control characters.
pub const NAME: u16 = 7;
/// More bytes of metadata than the collection allows.
pub const METADATA: u16 = 8;
