//! Why the assets refuse: the code in [`Fault::Refused`](crate::Fault::Refused). What is too long
//! does not get here: it cannot be decoded.

/// An amount of zero moves nothing.
pub const ZERO: u16 = 0;
/// The account holds less.
pub const NOT_ENOUGH: u16 = 1;
/// More than 2¹²⁸ - 1 of one asset.
pub const OVERFLOW: u16 = 2;
/// Genesis endows an account twice.
pub const TWICE: u16 = 3;
/// No asset has this id.
pub const UNKNOWN: u16 = 4;
/// The account is frozen for this asset: it neither gives nor receives, nor is it frozen again.
pub const FROZEN: u16 = 5;
/// The account is not frozen, so it cannot be thawed.
pub const NOT_FROZEN: u16 = 6;
/// Only the asset's issuer may.
pub const NOT_ISSUER: u16 = 7;
/// The right was never declared, was renounced, or none is named.
pub const NO_RIGHT: u16 = 8;
/// The supply would pass the asset's cap.
pub const CAP: u16 = 9;
/// A symbol is 1 to 12 of the characters A to Z and 0 to 9.
pub const SYMBOL: u16 = 10;
/// A name is not blank and has no control characters.
pub const NAME: u16 = 11;
/// More decimals than one whole unit's 128 bits have room for.
pub const DECIMALS: u16 = 12;
