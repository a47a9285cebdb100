//! Bytes as a text that survives mail and chat.
use crate::MESSAGE_TEXT_BYTES_MAX;
use bech32::primitives::decode::{CheckedHrpstring, CheckedHrpstringError};
use bech32::{Bech32m, Fe1024, Hrp, primitives::checksum::Checksum};
use core::ops::RangeInclusive;
use isonomy_types::TRANSACTION_BYTES_MAX;

/// Characters of an offer's text without white space: what the largest transaction takes, and what
/// an offer holds beside it. Stops a text without an end.
pub const OFFER_CHARS_MAX: usize = (OFFER_BYTES_MAX * 8).div_ceil(5) + HRP_CHARS + 1 + 6;
/// Characters of a signed message without white space: what the longest takes. Stops the same.
pub const MESSAGE_CHARS_MAX: usize = (MESSAGE_BYTES_MAX * 8).div_ceil(5) + HRP_CHARS + 1 + 6;
/// Bytes of a signed message: its text, whose it is, a key and a signature.
const MESSAGE_BYTES_MAX: usize = MESSAGE_TEXT_BYTES_MAX + 1 + 4 + 2 * 32 + 64;
/// Bytes of an encoded offer: a transaction, the chain's id, and a mark for each signer.
pub(crate) const OFFER_BYTES_MAX: usize = TRANSACTION_BYTES_MAX + 64;

const HRP_CHARS: usize = 8;

/// A kind of text.
#[derive(Clone, Copy)]
pub(crate) struct Armour {
    /// What it starts with.
    prefix: Hrp,
    /// What people call it.
    what: &'static str,
    /// Characters without white space.
    chars_max: usize,
}

pub(crate) const OFFER: Armour =
    Armour { prefix: Hrp::parse_unchecked("isooffer"), what: "offer", chars_max: OFFER_CHARS_MAX };

pub(crate) const MESSAGE: Armour = Armour {
    prefix: Hrp::parse_unchecked("isosaid"),
    what: "signed message",
    chars_max: MESSAGE_CHARS_MAX,
};

/// Bech32m (BIP350) without its limit of 1023 characters. Up to there it finds any four wrong
/// characters; beyond, it misses a typing error with a chance of 2⁻³⁰. Signatures find the rest.
enum Long {}

impl Checksum for Long {
    type MidstateRepr = u32;
    type CorrectionField = Fe1024;

    const ROOT_GENERATOR: Fe1024 = Bech32m::ROOT_GENERATOR;
    const ROOT_EXPONENTS: RangeInclusive<usize> = Bech32m::ROOT_EXPONENTS;
    const CODE_LENGTH: usize = OFFER_CHARS_MAX;
    const CHECKSUM_LENGTH: usize = Bech32m::CHECKSUM_LENGTH;
    const GENERATOR_SH: [u32; 5] = Bech32m::GENERATOR_SH;
    const TARGET_RESIDUE: u32 = Bech32m::TARGET_RESIDUE;
}

/// Why a text is not one of a kind: no offer, no signed message.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ArmourError {
    /// Longer than any of its kind.
    #[error("a text of {got} characters, limit {limit}; this is no {what}")]
    Long {
        /// What it should be.
        what: &'static str,
        /// How many there are, white space aside.
        got: usize,
        /// [`OFFER_CHARS_MAX`] or [`MESSAGE_CHARS_MAX`].
        limit: usize,
    },
    /// Of another kind, such as an address.
    #[error("the text starts with {got:?}, the {what}'s own with {want:?}; paste that")]
    Prefix {
        /// What it should be.
        what: &'static str,
        /// The prefix found.
        got: String,
        /// The prefix of its kind.
        want: String,
    },
    /// Upper case is valid bech32m, and refused so that all have one spelling.
    #[error("the {what}'s text is not in lower case; ask for it again")]
    Case {
        /// What it should be.
        what: &'static str,
    },
    /// Without the parts of such a text.
    #[error("this is no {what}'s text: {why}; paste all of it, from its first character on")]
    Shape {
        /// What it should be.
        what: &'static str,
        /// What is wrong.
        why: CheckedHrpstringError,
    },
    /// A character is wrong, missing or swapped.
    #[error("the {what}'s text has a typing error or is cut off; copy all of it again")]
    Checksum {
        /// What it should be.
        what: &'static str,
    },
    /// The last character holds bits beyond the bytes, and they are not zero.
    #[error("the {what}'s text ends in bits that are not zero; ask for it again")]
    Padding {
        /// What it should be.
        what: &'static str,
    },
}

impl Armour {
    /// Whether a text means to be of this kind, and not the name of a file.
    pub(crate) fn begins(self, text: &str) -> bool {
        let after = text.trim_start().strip_prefix(self.prefix.as_str());
        after.is_some_and(|rest| rest.starts_with('1'))
    }

    pub(crate) fn write(self, bytes: &[u8], f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        bech32::encode_lower_to_fmt::<Long, _>(f, self.prefix, bytes).map_err(|_| core::fmt::Error)
    }

    /// White space, as mail and terminals add it, is passed over.
    pub(crate) fn read(self, text: &str) -> Result<Vec<u8>, ArmourError> {
        let Self { prefix, what, chars_max: limit } = self;
        let mut chars = text.chars().filter(|char| !char.is_whitespace());
        let text: String = chars.by_ref().take(limit).collect();
        let more = chars.count();
        if more > 0 {
            return Err(ArmourError::Long { what, got: limit.saturating_add(more), limit });
        }
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(ArmourError::Case { what });
        }
        let parsed = CheckedHrpstring::new::<Long>(&text).map_err(|why| match why {
            CheckedHrpstringError::Checksum(_) => ArmourError::Checksum { what },
            why => ArmourError::Shape { what, why },
        });
        // A foreign prefix first: an address has no typing error only because it is no offer.
        match text.rsplit_once('1') {
            Some((got, _)) if got != prefix.as_str() => {
                let (got, want) = (got.chars().take(16).collect(), prefix.to_string());
                return Err(ArmourError::Prefix { what, got, want });
            }
            _ => {}
        }
        let parsed = parsed?;
        parsed.validate_segwit_padding().map_err(|_| ArmourError::Padding { what })?;
        Ok(parsed.byte_iter().collect())
    }
}
