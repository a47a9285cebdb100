//! What a payer needs to know, in one line that a code can carry.
use isonomy_crypto::Hash;
use isonomy_types::{Address, Amount, ParseAddressError};
use std::fmt;
use std::str::FromStr;

const SCHEME: &str = "isonomy:";

/// A wish to be paid: `isonomy:ADDRESS`, and where they are said `?amount=N` and `&asset=ID`.
///
/// ```
/// use isonomy_types::{Address, Amount};
/// use isonomy_wallet::Request;
///
/// let request = Request { to: Address::default(), amount: Some(Amount(500)), asset: None };
/// let text = request.to_string();
/// assert!(text.starts_with("isonomy:iso1") && text.ends_with("?amount=500"));
/// assert_eq!(text.parse(), Ok(request));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request {
    /// Who is to be paid.
    pub to: Address,
    /// How much, in the smallest unit. `None`: the payer knows.
    pub amount: Option<Amount>,
    /// Of which issued asset. `None`: of the chain's coin.
    pub asset: Option<Hash>,
}

/// Why a text asks for nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RequestError {
    /// Another kind of text.
    #[error("a request for payment starts with \"isonomy:\"; paste all of it")]
    Scheme,
    /// Whom to pay is wrong.
    #[error(transparent)]
    Address(#[from] ParseAddressError),
    /// A wish that this software does not know must not be passed over.
    #[error(
        "the request has {got:?}, expected amount=NUMBER or asset=ID, each once; ask for another"
    )]
    Part {
        /// What stands there.
        got: String,
    },
}

impl FromStr for Request {
    type Err = RequestError;

    fn from_str(text: &str) -> Result<Self, RequestError> {
        let rest = text.strip_prefix(SCHEME).ok_or(RequestError::Scheme)?;
        let (address, parts) = rest.split_once('?').unwrap_or((rest, ""));
        let mut request = Self { to: address.parse()?, amount: None, asset: None };
        for part in parts.split('&').filter(|part| !part.is_empty()) {
            let known = match part.split_once('=') {
                Some(("amount", value)) if request.amount.is_none() => {
                    request.amount = value.parse().ok();
                    request.amount.is_some()
                }
                Some(("asset", value)) if request.asset.is_none() => {
                    request.asset = value.parse().ok();
                    request.asset.is_some()
                }
                _ => false,
            };
            if !known {
                return Err(RequestError::Part { got: part.chars().take(32).collect() });
            }
        }
        Ok(request)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { to, amount, asset } = self;
        write!(f, "{SCHEME}{to}")?;
        let mut mark = '?';
        if let Some(amount) = amount {
            write!(f, "{mark}amount={amount}")?;
            mark = '&';
        }
        match asset {
            Some(asset) => write!(f, "{mark}asset={asset}"),
            None => Ok(()),
        }
    }
}
