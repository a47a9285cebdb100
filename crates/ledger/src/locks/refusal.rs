//! Why locks refuse: the code in [`Fault::Refused`](crate::Fault::Refused).

/// An amount of zero locks nothing.
pub const ZERO: u16 = 0;
/// The funds were not sent to the module before.
pub const UNFUNDED: u16 = 1;
/// No lock has this id: there never was one, or it has ended.
pub const ABSENT: u16 = 2;
/// The deadline has come: what is locked can be refunded, no more claimed, and none starts so.
pub const EXPIRED: u16 = 3;
/// The deadline has not come: what is locked cannot be refunded yet.
pub const NOT_EXPIRED: u16 = 4;
/// The preimage does not have the lock's hash.
pub const WRONG_PREIMAGE: u16 = 5;
/// The assets refuse to pay out: the asset's issuer froze an account. The lock stays.
pub const PAYOUT: u16 = 6;
