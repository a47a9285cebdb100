//! What is sealed: where the keys come from, and the accounts and addresses by their labels.
use super::STORE_ENTRIES_MAX;
use crate::{Label, Mnemonic, StoreError, Wallet};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::Secret;
use isonomy_types::{Address, Encode, List};
use zeroize::Zeroizing;

/// Where a store's keys come from. Prints nothing of them.
#[derive(Clone, Debug)]
pub enum Origin {
    /// As many keys as are derived.
    Mnemonic(Mnemonic),
    /// One key, made elsewhere.
    Key(Secret),
    /// No key: a store that watches.
    Nothing,
}

impl From<Wallet> for Origin {
    /// Of a key file, to take it into a store.
    fn from(wallet: Wallet) -> Self {
        Self::Key(wallet.into_secret())
    }
}

/// Whose an address is, as far as a store knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub enum Holder {
    /// The store's: it has the key of this index.
    Own(u32),
    /// One's own as well, and the key is elsewhere.
    Watched,
    /// Somebody else's.
    Other,
}

/// An account or address in a store.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Entry {
    /// Its name, no other's.
    pub label: Label,
    /// Its address, in the store once.
    pub address: Address,
    /// Whose it is.
    pub holder: Holder,
}

const NOTHING: u8 = 0;
const MNEMONIC: u8 = 1;
const KEY: u8 = 2;
/// Bytes that suffice for any origin: tag, lengths, entropy and passphrase.
const ORIGIN_BYTES: usize = 1 + 4 + 32 + 4 + crate::MNEMONIC_PASSPHRASE_BYTES_MAX;
/// Room for the tag that sealing adds.
const SEAL_BYTES: usize = 16;

pub(super) fn encode(origin: &Origin, entries: &[Entry]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let listed = List::<Entry, STORE_ENTRIES_MAX>::try_from(entries.to_vec());
    let listed = listed.map_err(|_| StoreError::Full { limit: STORE_ENTRIES_MAX })?.encode();
    let size = ORIGIN_BYTES.saturating_add(listed.len()).saturating_add(SEAL_BYTES);
    // Never grows, so that it leaves no copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    let written = match origin {
        Origin::Nothing => NOTHING.serialize(&mut *bytes),
        Origin::Mnemonic(mnemonic) => MNEMONIC
            .serialize(&mut *bytes)
            .and_then(|()| mnemonic.entropy().serialize(&mut *bytes))
            .and_then(|()| mnemonic.passphrase().serialize(&mut *bytes)),
        Origin::Key(secret) => {
            KEY.serialize(&mut *bytes).and_then(|()| secret.to_bytes().serialize(&mut *bytes))
        }
    };
    written.map_err(unreadable)?;
    bytes.extend_from_slice(&listed);
    Ok(bytes)
}

pub(super) fn decode(mut bytes: &[u8]) -> Result<(Origin, Vec<Entry>), StoreError> {
    let from = &mut bytes;
    let origin = match u8::deserialize(from).map_err(unreadable)? {
        NOTHING => Origin::Nothing,
        MNEMONIC => {
            let entropy = Zeroizing::new(Vec::<u8>::deserialize(from).map_err(unreadable)?);
            let passphrase = Zeroizing::new(String::deserialize(from).map_err(unreadable)?);
            Origin::Mnemonic(Mnemonic::from_entropy(&entropy)?.with_passphrase(&passphrase)?)
        }
        KEY => {
            let key = Zeroizing::new(<[u8; 32]>::deserialize(from).map_err(unreadable)?);
            Origin::Key(Secret::from_bytes(&key).map_err(unreadable)?)
        }
        _ => return Err(unreadable("keys of a kind unknown here")),
    };
    let listed = List::<Entry, STORE_ENTRIES_MAX>::deserialize(from).map_err(unreadable)?;
    if !from.is_empty() {
        return Err(unreadable("bytes after the end"));
    }
    Ok((origin, listed.into_vec()))
}

fn unreadable(why: impl ToString) -> StoreError {
    StoreError::Contents(why.to_string())
}
