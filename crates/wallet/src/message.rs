//! Texts that someone signs, to show whose an address is.
use crate::armour::MESSAGE;
use crate::{ArmourError, Wallet, WalletError, file, label::prints};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Claim, Domain, Hash, PublicKey, Signature};
use isonomy_types::{Address, Decode, DecodeError, Encode, Policy, Text, Version};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// Bytes of a message's text. Bounds what is pasted and shown.
pub const MESSAGE_TEXT_BYTES_MAX: usize = 8_192;
/// Bytes of a message's file: its text, wrapped or not. Stops a path to something endless.
pub const MESSAGE_FILE_BYTES_MAX: u64 = 2 * crate::MESSAGE_CHARS_MAX as u64;

const DOMAIN: Domain = Domain::new("isonomy signed message 1");
const VERSION: u8 = 1;
const MAKE: &str = "ask for the signed message, as a file or as text";

/// Why a message cannot be signed, read or believed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MessageError {
    /// Of another kind, or not whole.
    #[error(transparent)]
    Armour(#[from] ArmourError),
    /// Newer software wrote it.
    #[error("the signed message has version {got}, this software reads version {limit}; update it")]
    Version {
        /// The message's version.
        got: u8,
        /// The version read here.
        limit: u8,
    },
    /// These bytes are no message.
    #[error("the signed message {0}; ask for it again")]
    Decode(#[from] DecodeError),
    /// Longer than a message is.
    #[error("the text has {got} bytes, limit {limit}; sign its hash instead")]
    Long {
        /// Its bytes.
        got: usize,
        /// [`MESSAGE_TEXT_BYTES_MAX`].
        limit: usize,
    },
    /// What shows would not be what is signed.
    #[error("the text has characters that do not print: {got:?}; leave them out")]
    Unprintable {
        /// The first of them.
        got: char,
    },
    /// Neither text nor address may be changed.
    #[error("the signature is not by {address} for this text: do not believe it")]
    Wrong {
        /// Whose it claims to be.
        address: Address,
    },
    /// A key signs for the account that starts under it, and only as long as it is the account's.
    #[error(
        "the signature is good, but {address} is under other keys by now: whoever signed holds the \
         account's first key and can move nothing of it"
    )]
    Rotated {
        /// Whose it was.
        address: Address,
    },
}

/// A text, and the signature by the first key of an account.
///
/// It is no transaction and never part of one: its digest has a domain of its own. It says nothing of
/// when or for whom it was signed, unless its text does.
///
/// As text it is bech32m with the prefix `isosaid` and without the usual limit of characters. Version
/// 1 signs the hash of address and text, both encoded, in the domain `isonomy signed message 1`.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize)]
pub struct SignedMessage {
    version: Version<VERSION>,
    address: Address,
    key: PublicKey,
    text: Text<MESSAGE_TEXT_BYTES_MAX>,
    signature: Signature,
}

#[derive(BorshDeserialize)]
struct Received {
    version: Version<VERSION>,
    address: Address,
    key: PublicKey,
    text: Text<MESSAGE_TEXT_BYTES_MAX>,
    signature: Signature,
}

fn digest(address: &Address, text: &Text<MESSAGE_TEXT_BYTES_MAX>) -> Hash {
    (address, text).digest(&DOMAIN)
}

/// Lines and tabs are part of a text; what moves a cursor or turns the direction is not.
fn readable(text: &str) -> Result<(), MessageError> {
    match text.chars().find(|char| !matches!(char, '\n' | '\t') && !prints(*char)) {
        Some(got) => Err(MessageError::Unprintable { got }),
        None => Ok(()),
    }
}

impl Wallet {
    /// Signs a text as this key's account.
    ///
    /// # Errors
    /// [`MessageError::Long`], [`MessageError::Unprintable`], as [`WalletError::Message`];
    /// [`WalletError::Sign`] if the machine miscomputes.
    pub fn sign_message(&self, text: &str) -> Result<SignedMessage, WalletError> {
        readable(text)?;
        let long = |long: isonomy_types::TooLong| {
            let (got, limit) = (long.got, long.limit);
            WalletError::Message(MessageError::Long { got, limit })
        };
        let text = Text::try_from(text.to_owned()).map_err(long)?;
        let (address, key) = (self.address(), self.public());
        let signature = self.signature(&digest(&address, &text))?;
        Ok(SignedMessage { version: Version, address, key, text, signature })
    }
}

impl SignedMessage {
    /// Reads a message out of its bytes. Whether to believe it, [`verify`](Self::verify) says.
    ///
    /// # Errors
    /// [`MessageError::Version`], [`MessageError::Decode`], [`MessageError::Unprintable`].
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        if let Some(&got) = bytes.first().filter(|got| **got != VERSION) {
            return Err(MessageError::Version { got, limit: VERSION });
        }
        let Received { version, address, key, text, signature } = Received::decode_exact(bytes)?;
        readable(&text)?;
        Ok(Self { version, address, key, text, signature })
    }

    /// The message in a text, or in the file that it names.
    ///
    /// # Errors
    /// [`WalletError::Missing`], [`WalletError::Io`], [`WalletError::Large`], and those of
    /// [`decode`](Self::decode) as [`WalletError::Message`].
    pub fn find(text_or_path: &str) -> Result<Self, WalletError> {
        if MESSAGE.begins(text_or_path) {
            return Ok(text_or_path.parse::<Self>()?);
        }
        let text = file::load(Path::new(text_or_path), MESSAGE_FILE_BYTES_MAX, MAKE)?;
        Ok(String::from_utf8_lossy(&text).parse::<Self>()?)
    }

    /// Who says it, if it verifies.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// What is said. Nothing in it moves a cursor; it may have several lines.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the account's first key signed this text, and is still the account's: `current` is the
    /// hash of its policy as a node tells it. `None`: the first one.
    ///
    /// # Errors
    /// [`MessageError::Wrong`], [`MessageError::Rotated`].
    pub fn verify(&self, current: Option<Hash>) -> Result<(), MessageError> {
        let Self { address, key, text, signature, .. } = self;
        let (address, policy) = (*address, Policy::Key(*key));
        let claim = Claim { key: *key, digest: digest(&address, text), signature: *signature };
        if policy.address() != address || claim.verify().is_err() {
            return Err(MessageError::Wrong { address });
        }
        match current {
            Some(current) if current != policy.hash() => Err(MessageError::Rotated { address }),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for SignedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        MESSAGE.write(&self.encode(), f)
    }
}

impl FromStr for SignedMessage {
    type Err = MessageError;

    fn from_str(text: &str) -> Result<Self, MessageError> {
        Self::decode(&MESSAGE.read(text)?)
    }
}
