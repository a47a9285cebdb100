use crate::{LabelError, MnemonicError};
use isonomy_types::Address;

/// Why a key store cannot be read or does not have what is asked for. Repeats no secret.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StoreError {
    /// Another kind of file.
    #[error("this is no wallet; give another file, or make one with `isonomy wallet create`")]
    NoStore,
    /// A file of one key, without a passphrase.
    #[error(
        "this is the key file of one key: give it with --key, or take it into a wallet with \
         `isonomy wallet restore --key-file`"
    )]
    KeyFile,
    /// Newer software wrote it.
    #[error("the wallet has version {got}, this software reads version {limit}; update it")]
    Version {
        /// The file's version.
        got: u8,
        /// The version read here.
        limit: u8,
    },
    /// More than any wallet asks for: refused before it is spent.
    #[error(
        "the wallet asks for {got} {what} of argon2id, expected {least} to {limit}; the file was \
         changed: restore it from a backup"
    )]
    Cost {
        /// `KiB` or `passes`.
        what: &'static str,
        /// How many.
        got: u32,
        /// The fewest.
        least: u32,
        /// The most.
        limit: u32,
    },
    /// One of the two. Which, nobody can tell.
    #[error("wrong passphrase, or the file was changed; try again, or restore it from a backup")]
    Sealed,
    /// Whoever knew the passphrase wrote something else.
    #[error("the wallet's contents make no sense here: {0}; update this software")]
    Contents(String),
    /// It would protect nothing.
    #[error("the passphrase is empty; choose one")]
    Empty,
    /// The machine has too little memory for the passphrase's hash.
    #[error("no {kib} KiB of memory are free to check the passphrase; end other programs first")]
    Memory {
        /// How much it takes.
        kib: u32,
    },
    /// The name is none.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// Names are for one account each.
    #[error("{label:?} is the label of {address} already; choose another")]
    Taken {
        /// The label.
        label: String,
        /// Whose it is.
        address: Address,
    },
    /// An address stands in it once.
    #[error("{address} is in the wallet already, as {label:?}; change that with `wallet label`")]
    Known {
        /// The address.
        address: Address,
        /// Its label.
        label: String,
    },
    /// Neither label, number nor address of anything in it.
    #[error("the wallet has no account or address {got:?}; see `isonomy wallet list`")]
    Unknown {
        /// What was asked for.
        got: String,
    },
    /// Nothing can be signed for it.
    #[error(
        "the wallet has no key for {label:?}, {address}: it can be watched and not signed for; \
         sign with the wallet that holds its key"
    )]
    NoKey {
        /// Its label.
        label: String,
        /// Its address.
        address: Address,
    },
    /// Of one key, or of none.
    #[error("the wallet holds no mnemonic, {0}; `isonomy wallet create` makes one that does")]
    NoMnemonic(&'static str),
    /// It follows from the mnemonic, and would come back.
    #[error("{label:?} is an account of the wallet's own, which stays in it")]
    Own {
        /// Its label.
        label: String,
    },
    /// A wallet has bounds.
    #[error("the wallet holds {limit} accounts and addresses, no more; make another")]
    Full {
        /// [`STORE_ENTRIES_MAX`](crate::STORE_ENTRIES_MAX).
        limit: usize,
    },
    /// Another program wrote the file since it was read.
    #[error("another program changed the wallet meanwhile, nothing was written; try again")]
    Changed,
    /// The mnemonic has no such key.
    #[error(transparent)]
    Mnemonic(#[from] MnemonicError),
    /// No salt or nonce can be drawn.
    #[error("the system gives no randomness: {0}")]
    Randomness(String),
}
