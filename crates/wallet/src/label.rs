//! The names that people give accounts and addresses.
use borsh::io::{Error, ErrorKind, Read, Result as IoResult};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_types::Text;
use std::fmt;
use std::str::FromStr;

/// Bytes of a label. Bounds a wallet's file and the width of lists.
pub const LABEL_BYTES_MAX: usize = 64;

/// A name that one person gives an account or an address, in the own wallet alone.
///
/// It cannot be mistaken for a number or an address, and nothing in it moves a cursor.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Label(String);

/// Why a text is no label.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LabelError {
    /// Nothing, or too much.
    #[error("a label has 1 to {limit} bytes, this one has {got}")]
    Length {
        /// Its bytes.
        got: usize,
        /// [`LABEL_BYTES_MAX`].
        limit: usize,
    },
    /// What it could be taken for.
    #[error("the label {got:?} could be taken for {for_what}; choose another")]
    Mistakable {
        /// The text.
        got: String,
        /// What it looks like.
        for_what: &'static str,
    },
    /// A character that is no part of a name.
    #[error("the label {got:?} begins or ends with a space, or has characters that do not print")]
    Unprintable {
        /// The text.
        got: String,
    },
}

impl Label {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a character shows, and neither moves a cursor nor turns the direction of what follows.
pub(crate) fn prints(char: char) -> bool {
    let turns = matches!(char, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !char.is_control() && !turns
}

impl FromStr for Label {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        let (got, limit) = (text.len(), LABEL_BYTES_MAX);
        if got == 0 || got > limit {
            return Err(LabelError::Length { got, limit });
        }
        let got = text.to_owned();
        if text.trim() != text || !text.chars().all(prints) {
            return Err(LabelError::Unprintable { got });
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(LabelError::Mistakable { got, for_what: "an account's number" });
        }
        let start = text.to_ascii_lowercase();
        if start.starts_with("iso1") || start.starts_with("isonomy:") {
            return Err(LabelError::Mistakable { got, for_what: "an address" });
        }
        Ok(Self(got))
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl BorshSerialize for Label {
    fn serialize<W: borsh::io::Write>(&self, to: &mut W) -> IoResult<()> {
        self.0.serialize(to)
    }
}

impl BorshDeserialize for Label {
    fn deserialize_reader<R: Read>(from: &mut R) -> IoResult<Self> {
        let text = Text::<LABEL_BYTES_MAX>::deserialize_reader(from)?;
        text.parse().map_err(|error| Error::new(ErrorKind::InvalidData, error))
    }
}
