use std::fmt;
use std::str::FromStr;

/// Where an entry of a list stands on the best branch, to ask for those before it. Its text is
/// 32 hexadecimal digits, its only spelling, and to be passed on as it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The block's height.
    pub height: u64,
    /// The transaction's place in the block.
    pub index: u32,
    /// The event's place in the transaction; 0 of a transaction.
    pub event: u32,
}

/// Not a place that was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a place in this list: give the `next` of the page before, or leave it out")]
pub struct ParsePlaceError;

impl Place {
    /// Above all that can be.
    pub(crate) const END: Self = Self { height: u64::MAX, index: u32::MAX, event: u32::MAX };
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:08x}{:08x}", self.height, self.index, self.event)
    }
}

impl FromStr for Place {
    type Err = ParsePlaceError;

    fn from_str(text: &str) -> Result<Self, ParsePlaceError> {
        let part = |from, to| text.get(from..to).ok_or(ParsePlaceError);
        let short = |text| u32::from_str_radix(text, 16).map_err(|_| ParsePlaceError);
        let height = u64::from_str_radix(part(0, 16)?, 16).map_err(|_| ParsePlaceError)?;
        let place = Self { height, index: short(part(16, 24)?)?, event: short(part(24, 32)?)? };
        Some(place).filter(|place| place.to_string() == text).ok_or(ParsePlaceError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_read_as_they_are_written(height: u64, index: u32, event: u32) {
            let place = Place { height, index, event };
            prop_assert_eq!(place.to_string().parse(), Ok(place));
            prop_assert_eq!(place.to_string().to_uppercase() != place.to_string(),
                place.to_string().to_uppercase().parse::<Place>().is_err());
        }

        #[test]
        fn other_texts_are_refused(text in "[0-9a-fA-F+ é]{0,40}") {
            if let Ok(place) = text.parse::<Place>() {
                prop_assert_eq!(place.to_string(), text);
            }
        }
    }
}
