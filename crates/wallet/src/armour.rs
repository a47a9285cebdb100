//! Bytes as a text that survives mail and chat.
use bech32::primitives::decode::{CheckedHrpstring, CheckedHrpstringError};
use bech32::{Bech32m, Fe1024, Hrp, primitives::checksum::Checksum};
use core::ops::RangeInclusive;
use isonomy_types::TRANSACTION_BYTES_MAX;

/// Characters of an offer's text without white space: what the largest transaction takes, and what
/// an offer holds beside it. Stops a text without an end.
pub const OFFER_CHARS_MAX: usize = (OFFER_BYTES_MAX * 8).div_ceil(5) + HRP_CHARS + 1 + 6;
/// Bytes of an encoded offer: a transaction, the chain's id, and a mark for each signer.
pub(crate) const OFFER_BYTES_MAX: usize = TRANSACTION_BYTES_MAX + 64;

const PREFIX: Hrp = Hrp::parse_unchecked("isooffer");
const HRP_CHARS: usize = 8;

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

/// Why a text is no offer's.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ArmourError {
    /// Longer than any offer.
    #[error("a text of {got} characters, limit {limit}; this is no offer")]
    Long {
        /// How many there are, white space aside.
        got: usize,
        /// [`OFFER_CHARS_MAX`].
        limit: usize,
    },
    /// Of another kind, such as an address.
    #[error("the text starts with {got:?}, an offer with \"isooffer\"; paste the offer's own text")]
    Prefix {
        /// The prefix found.
        got: String,
    },
    /// Upper case is valid bech32m, and refused so that an offer has one spelling.
    #[error("the offer's text is not in lower case; ask for it again")]
    Case,
    /// Without the parts of such a text.
    #[error("this is no offer's text: {why}; paste all of it, from \"isooffer1\" on")]
    Shape {
        /// What is wrong.
        why: CheckedHrpstringError,
    },
    /// A character is wrong, missing or swapped.
    #[error("the offer's text has a typing error or is cut off; copy all of it again")]
    Checksum,
    /// The last character holds bits beyond the bytes, and they are not zero.
    #[error("the offer's text ends in bits that are not zero; ask for it again")]
    Padding,
}

pub(crate) fn write(bytes: &[u8], f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
    bech32::encode_lower_to_fmt::<Long, _>(f, PREFIX, bytes).map_err(|_| core::fmt::Error)
}

/// White space, as mail and terminals add it, is passed over.
pub(crate) fn read(text: &str) -> Result<Vec<u8>, ArmourError> {
    let mut chars = text.chars().filter(|char| !char.is_whitespace());
    let text: String = chars.by_ref().take(OFFER_CHARS_MAX).collect();
    let more = chars.count();
    if more > 0 {
        return Err(ArmourError::Long {
            got: OFFER_CHARS_MAX.saturating_add(more),
            limit: OFFER_CHARS_MAX,
        });
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(ArmourError::Case);
    }
    let parsed = CheckedHrpstring::new::<Long>(&text).map_err(|why| match why {
        CheckedHrpstringError::Checksum(_) => ArmourError::Checksum,
        why => ArmourError::Shape { why },
    });
    // A foreign prefix first: an address has no typing error only because it is no offer.
    match text.rsplit_once('1') {
        Some((got, _)) if got != PREFIX.as_str() => {
            return Err(ArmourError::Prefix { got: got.chars().take(16).collect() });
        }
        _ => {}
    }
    let parsed = parsed?;
    parsed.validate_segwit_padding().map_err(|_| ArmourError::Padding)?;
    Ok(parsed.byte_iter().collect())
}
