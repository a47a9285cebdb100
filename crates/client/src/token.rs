use crate::ClientError;
use hyper::header::HeaderValue;
use std::fmt;
use std::path::Path;
use zeroize::Zeroizing;

/// Bytes of the longest token. Stops a wrong file from being read to its end.
pub const TOKEN_BYTES_MAX: usize = 256;

/// Proves a role to a node. A secret: it is shown nowhere, and wiped when it is dropped.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// The token in a text, white space around it left out.
    ///
    /// # Errors
    /// [`ClientError::Token`] if it is empty, longer than [`TOKEN_BYTES_MAX`] or holds anything but
    /// printable ASCII.
    pub fn new(text: &str) -> Result<Self, ClientError> {
        let text = text.trim();
        let wrong =
            |why: &str| Err(ClientError::Token { place: "the token".into(), why: why.into() });
        match text.len() {
            0 => wrong("it is empty"),
            1..=TOKEN_BYTES_MAX if text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Ok(Self(Zeroizing::new(text.into())))
            }
            1..=TOKEN_BYTES_MAX => wrong("it holds something else than letters, digits and signs"),
            _ => wrong("it is longer than 256 bytes"),
        }
    }

    /// The token in a file, for example a node's `rpc.cookie`.
    ///
    /// # Errors
    /// [`ClientError::Token`] if the file cannot be read, or for the reasons of [`new`](Self::new).
    pub fn read(path: &Path) -> Result<Self, ClientError> {
        use std::io::Read;
        let place = || path.display().to_string();
        let failed =
            |error: std::io::Error| ClientError::Token { place: place(), why: error.to_string() };
        let limit = TOKEN_BYTES_MAX as u64 * 2;
        let mut text = Zeroizing::new(String::new());
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(limit).read_to_string(&mut text).map_err(failed)?;
        Self::new(&text).map_err(|error| match error {
            ClientError::Token { why, .. } => ClientError::Token { place: place(), why },
            other => other,
        })
    }

    /// The token's text, for whoever keeps it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// As HTTP carries it, marked as not to be shown.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let text = Zeroizing::new(format!("Bearer {}", *self.0));
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_79_a_token_is_shown_nowhere() {
        let token = Token::new(" hunter2hunter2\n").unwrap();
        assert_eq!((format!("{token:?}"), token.expose()), ("Token(…)".into(), "hunter2hunter2"));
        let header = token.header().unwrap();
        assert_eq!(header, "Bearer hunter2hunter2");
        assert!(!format!("{header:?}").contains("hunter2"));
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_shown() {
        for text in ["", " \n", "hunter2 hunter2", "hünter2", &"x".repeat(TOKEN_BYTES_MAX + 1)] {
            let error = Token::new(text).unwrap_err().to_string();
            assert!(error.contains("rpc.cookie") && !error.contains("unter2"), "{error}");
        }
        let missing = Token::read(Path::new("/nowhere/rpc.cookie")).unwrap_err().to_string();
        assert!(missing.contains("/nowhere/rpc.cookie"), "{missing}");
    }
}
