//! The encrypted key store: a file of keys, accounts and addresses.
mod contents;
mod entries;
mod error;
mod seal;

pub use contents::{Entry, Holder, Origin};
pub use error::StoreError;
pub use seal::{ARGON2_KIB_MAX, ARGON2_PASSES_MAX, Argon2Cost};

use crate::{Label, WalletError, file};
use seal::Seal;
use std::fmt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Accounts and addresses in one store. Bounds the file and the time to list it.
pub const STORE_ENTRIES_MAX: usize = 1_000;
/// Bytes of a store's file: more than its entries can take. Stops a path to something endless.
pub const STORE_FILE_BYTES_MAX: u64 = 256 * 1_024;
/// Bytes of a passphrase's file. Stops the same.
pub const PASSPHRASE_FILE_BYTES_MAX: u64 = 4_096;

const MAKE: &str = "make a wallet with `isonomy wallet create`";

/// An opened key store.
///
/// Its file (version 1) is `isostore`, the version, what argon2id costs (KiB and passes, four bytes
/// each, little-endian), a salt of 16 bytes, a nonce of 12, and the contents under
/// ChaCha20-Poly1305, with all that stands before them as associated data. Salt and cost stay as long
/// as the passphrase does; each write has a nonce of its own.
///
/// What is changed is in memory until it is [saved](Self::save). Prints nothing of the keys; wipes
/// them when dropped.
pub struct Store {
    path: PathBuf,
    /// As the file was last read or written.
    bytes: Vec<u8>,
    seal: Seal,
    origin: Origin,
    entries: Vec<Entry>,
}

impl Store {
    /// Writes a new store, which holds the origin's first account.
    ///
    /// # Errors
    /// [`WalletError::Exists`] if anything has that name, [`WalletError::Io`], and as
    /// [`WalletError::Store`]: [`StoreError::Empty`], [`StoreError::Memory`],
    /// [`StoreError::Randomness`], [`StoreError::Mnemonic`].
    pub fn create(
        path: &Path,
        passphrase: &str,
        origin: Origin,
        cost: Argon2Cost,
    ) -> Result<Self, WalletError> {
        let at = |source| WalletError::Store { path: path.into(), source };
        let entries = entries::first(&origin).map_err(at)?;
        let seal = Seal::new(passphrase, cost).map_err(at)?;
        let plain = contents::encode(&origin, &entries).map_err(at)?;
        let bytes = seal.close(plain).map_err(at)?;
        file::keep(path, &bytes)?;
        Ok(Self { path: path.into(), bytes, seal, origin, entries })
    }

    /// Reads a store.
    ///
    /// # Errors
    /// [`WalletError::Missing`], [`WalletError::Readable`] if others may read it,
    /// [`WalletError::Large`], [`WalletError::Io`], and as [`WalletError::Store`] whatever is wrong
    /// with the file or the passphrase.
    pub fn open(path: &Path, passphrase: &str) -> Result<Self, WalletError> {
        let at = |source| WalletError::Store { path: path.into(), source };
        let bytes = file::secret(path, STORE_FILE_BYTES_MAX, MAKE)?.to_vec();
        let (seal, plain) = Seal::open(&bytes, passphrase).map_err(at)?;
        let (origin, entries) = contents::decode(&plain).map_err(at)?;
        Ok(Self { path: path.into(), bytes, seal, origin, entries })
    }

    /// Writes what was changed: all at once, over the file that it was read from and no other.
    ///
    /// # Errors
    /// [`StoreError::Changed`] if another program wrote it meanwhile, as [`WalletError::Store`];
    /// [`WalletError::Missing`], [`WalletError::Io`].
    pub fn save(&mut self) -> Result<(), WalletError> {
        let at = |source| WalletError::Store { path: self.path.clone(), source };
        let plain = contents::encode(&self.origin, &self.entries).map_err(at)?;
        let bytes = self.seal.close(plain).map_err(at)?;
        if !file::replace(&self.path, &self.bytes, &bytes, STORE_FILE_BYTES_MAX, MAKE)? {
            return Err(at(StoreError::Changed));
        }
        self.bytes = bytes;
        Ok(())
    }

    /// Puts the store under another passphrase, once it is [saved](Self::save).
    ///
    /// # Errors
    /// [`StoreError::Empty`], [`StoreError::Memory`], [`StoreError::Randomness`], as
    /// [`WalletError::Store`].
    pub fn set_passphrase(
        &mut self,
        passphrase: &str,
        cost: Argon2Cost,
    ) -> Result<(), WalletError> {
        self.seal = Seal::new(passphrase, cost).map_err(|source| self.at(source))?;
        Ok(())
    }

    /// Copies the file, byte for byte, to a new name, and opens the copy to see that it is good.
    ///
    /// # Errors
    /// [`WalletError::Exists`], [`WalletError::Io`], those of [`open`](Self::open) for the copy.
    pub fn backup(&self, to: &Path, passphrase: &str) -> Result<Self, WalletError> {
        file::keep(to, &self.bytes)?;
        Self::open(to, passphrase)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the keys come from.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// All accounts and addresses: those of its own by their index, then the others as they came.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn at(&self, source: StoreError) -> WalletError {
        WalletError::Store { path: self.path.clone(), source }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<&Label> = self.entries.iter().map(|entry| &entry.label).collect();
        f.debug_struct("Store")
            .field("path", &self.path)
            .field("labels", &labels)
            .finish_non_exhaustive()
    }
}

/// A passphrase: the first line of a file that its owner alone can read.
///
/// # Errors
/// [`WalletError::Missing`], [`WalletError::Readable`], [`WalletError::Large`],
/// [`WalletError::Text`], [`WalletError::Io`].
pub fn read_passphrase(path: &Path) -> Result<Zeroizing<String>, WalletError> {
    file::line(path, PASSPHRASE_FILE_BYTES_MAX, "write the passphrase into one")
}
