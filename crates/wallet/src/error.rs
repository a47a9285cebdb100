use crate::{MessageError, MnemonicError, OfferError, StoreError};
use isonomy_crypto::{SecretError, SignError};
use isonomy_types::Address;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Why there is no key or no signature. Never repeats a secret, or text that could be one.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    /// Something has that name. Nothing was changed.
    #[error("{path} exists already and is never overwritten; choose another name", path = .path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("cannot use the file {path}: {source}; {step}", path = .path.display(), step = step(.source))]
    Io {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// There is no such file to read.
    #[error("there is no file {path}; check the path, or {make}", path = .path.display())]
    Missing {
        /// The path.
        path: PathBuf,
        /// Where such a file comes from.
        make: &'static str,
    },
    /// The key is no secret any more.
    #[error("others can read {path}, which holds a secret (mode {mode:03o}); run: chmod 600 {path}", path = .path.display())]
    Readable {
        /// The path.
        path: PathBuf,
        /// Its permissions, as `chmod` takes them.
        mode: u32,
    },
    /// The file is not one that this software writes.
    #[error("{path} is not a key file: {why}", path = .path.display())]
    Malformed {
        /// The path.
        path: PathBuf,
        /// Where it stops being one.
        why: String,
    },
    /// The file was written by newer software.
    #[error("the key file {path} has version {got}, this software reads version {limit}; update it", path = .path.display())]
    Version {
        /// The path.
        path: PathBuf,
        /// The file's version.
        got: u64,
        /// The version read here.
        limit: u64,
    },
    /// The file holds a number that is no secret key.
    #[error("the key file {path} is damaged: {source}; restore it from a backup", path = .path.display())]
    Secret {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        source: SecretError,
    },
    /// A digit of the secret or of the address was changed.
    #[error("the key file {path} is damaged: it names {got}, its secret is {want}'s; restore it from a backup", path = .path.display())]
    Damaged {
        /// The path.
        path: PathBuf,
        /// The account that it names.
        got: Address,
        /// The account of its secret.
        want: Address,
    },
    /// Longer than any file of its kind.
    #[error("{path} has more than {limit} bytes; give another file", path = .path.display())]
    Large {
        /// The path.
        path: PathBuf,
        /// The most that such a file has, in bytes.
        limit: u64,
    },
    /// The file says no policy.
    #[error("{path} is not a policy file: {why}; make one with `isonomy keys policy`", path = .path.display())]
    NoPolicy {
        /// The path.
        path: PathBuf,
        /// Where it stops being one.
        why: String,
    },
    /// The file holds no text.
    #[error("{path} is no text in UTF-8; write it anew", path = .path.display())]
    Text {
        /// The path.
        path: PathBuf,
    },
    /// The key store cannot be read, or does not have what is asked for.
    #[error("{path}: {source}", path = .path.display())]
    Store {
        /// The store's path.
        path: PathBuf,
        /// What is wrong.
        source: StoreError,
    },
    /// The words are no mnemonic.
    #[error(transparent)]
    Mnemonic(#[from] MnemonicError),
    /// The message cannot be signed, or is not what was signed.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The offer cannot be read, signed or taken.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// No key can be made.
    #[error("the system gives no randomness: {0}")]
    Randomness(String),
    /// The draft is another account's.
    #[error("this key signs for {want}, the draft is by {got}")]
    Foreign {
        /// Whose the draft is.
        got: Address,
        /// Whose the key is.
        want: Address,
    },
    /// The machine miscomputed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// What its owner can do about it.
fn step(source: &std::io::Error) -> &'static str {
    match source.kind() {
        ErrorKind::NotFound => "make its directory first, or check the path",
        ErrorKind::PermissionDenied => "let this user use it, or choose another path",
        ErrorKind::IsADirectory | ErrorKind::NotADirectory => "give a file, not a directory",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some room, and try again",
        _ => "see that the disk is there and sound",
    }
}
