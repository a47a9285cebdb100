//! A passphrase around bytes: argon2id (RFC 9106), ChaCha20-Poly1305 (RFC 8439).
use crate::StoreError;
use argon2::{Algorithm, Argon2, Block, Params};
use borsh::{BorshDeserialize, BorshSerialize};
use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};
use isonomy_types::{Decode, Encode};
use rand::{TryRng, rngs::SysRng};
use zeroize::Zeroizing;

/// Memory that a wallet's file may ask for, in KiB: 256 MiB. Stops a hostile file from taking the
/// machine's.
pub const ARGON2_KIB_MAX: u32 = 256 * 1_024;
/// Passes that it may ask for: at the most memory, a few seconds. Stops one that takes minutes.
pub const ARGON2_PASSES_MAX: u32 = 16;
/// The least memory that argon2id works with, in KiB.
const ARGON2_KIB_LEAST: u32 = Params::MIN_M_COST;

pub(super) const MAGIC: [u8; 8] = *b"isostore";
pub(super) const VERSION: u8 = 1;
const TAG_BYTES: usize = 16;

/// What trying one passphrase costs, its owner and whoever guesses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Argon2Cost {
    kib: u32,
    passes: u32,
}

impl Default for Argon2Cost {
    /// 64 MiB and three passes, the second choice that RFC 9106 recommends, on one lane: about a
    /// fifth of a second.
    fn default() -> Self {
        Self { kib: 64 * 1_024, passes: 3 }
    }
}

impl Argon2Cost {
    /// So many KiB of memory, gone over so many times. Less than the default is for tests.
    ///
    /// # Errors
    /// [`StoreError::Cost`] outside of 8 to [`ARGON2_KIB_MAX`], or 1 to [`ARGON2_PASSES_MAX`].
    pub fn new(kib: u32, passes: u32) -> Result<Self, StoreError> {
        let within = |what, got, least: u32, limit: u32| match (least..=limit).contains(&got) {
            true => Ok(()),
            false => Err(StoreError::Cost { what, got, least, limit }),
        };
        within("KiB", kib, ARGON2_KIB_LEAST, ARGON2_KIB_MAX)?;
        within("passes", passes, 1, ARGON2_PASSES_MAX)?;
        Ok(Self { kib, passes })
    }

    fn key(self, passphrase: &str, salt: &[u8]) -> Result<Key, StoreError> {
        let Self { kib, passes } = self;
        let none = |_| StoreError::Memory { kib };
        let params = Params::new(kib, passes, 1, Some(32)).map_err(none)?;
        let mut memory = Zeroizing::new(Vec::<Block>::new());
        let count = params.block_count();
        memory.try_reserve_exact(count).map_err(|_| StoreError::Memory { kib })?;
        memory.resize(count, Block::default());
        let mut key = Key::default();
        Argon2::new(Algorithm::Argon2id, argon2::Version::V0x13, params)
            .hash_password_into_with_memory(
                passphrase.as_bytes(),
                salt,
                key.as_mut(),
                memory.as_mut_slice(),
            )
            .map_err(none)?;
        Ok(key)
    }
}

type Key = Zeroizing<[u8; 32]>;

/// What stands before the sealed bytes, in the clear. They are sealed together with it.
#[derive(Clone, BorshSerialize, BorshDeserialize)]
struct Header {
    magic: [u8; 8],
    version: u8,
    kib: u32,
    passes: u32,
    salt: [u8; 16],
    nonce: [u8; 12],
}

const HEADER_BYTES: usize = 8 + 1 + 4 + 4 + 16 + 12;

/// A passphrase's key. Wiped when dropped.
pub(super) struct Seal {
    cost: Argon2Cost,
    salt: [u8; 16],
    key: Key,
}

impl Seal {
    /// Under a fresh salt.
    pub(super) fn new(passphrase: &str, cost: Argon2Cost) -> Result<Self, StoreError> {
        if passphrase.is_empty() {
            return Err(StoreError::Empty);
        }
        let salt = random()?;
        Ok(Self { cost, salt, key: cost.key(passphrase, &salt)? })
    }

    /// Seals under a fresh nonce. The plain bytes become the sealed ones, so that none stay behind.
    pub(super) fn close(&self, plain: Zeroizing<Vec<u8>>) -> Result<Vec<u8>, StoreError> {
        let (Argon2Cost { kib, passes }, salt, nonce) = (self.cost, self.salt, random()?);
        let header = Header { magic: MAGIC, version: VERSION, kib, passes, salt, nonce };
        let (mut sealed, mut bytes) = (plain, header.encode());
        let failed = |_| StoreError::Contents("it is too long".into());
        self.cipher().encrypt_in_place(&nonce.into(), &bytes, &mut *sealed).map_err(failed)?;
        bytes.extend_from_slice(&sealed);
        Ok(bytes)
    }

    /// What is sealed, and the key to seal it again.
    pub(super) fn open(
        bytes: &[u8],
        passphrase: &str,
    ) -> Result<(Self, Zeroizing<Vec<u8>>), StoreError> {
        let (head, sealed) = bytes.split_at_checked(HEADER_BYTES).ok_or_else(|| short(bytes))?;
        if !head.starts_with(&MAGIC) {
            return Err(short(bytes));
        }
        match head.get(MAGIC.len()) {
            Some(&got) if got != VERSION => {
                return Err(StoreError::Version { got, limit: VERSION });
            }
            _ => {}
        }
        let header = Header::decode_exact(head).map_err(|_| StoreError::NoStore)?;
        let cost = Argon2Cost::new(header.kib, header.passes)?;
        if sealed.len() < TAG_BYTES {
            return Err(StoreError::Sealed);
        }
        let seal = Self { cost, salt: header.salt, key: cost.key(passphrase, &header.salt)? };
        let mut plain = Zeroizing::new(sealed.to_vec());
        let opened = seal.cipher().decrypt_in_place(&header.nonce.into(), head, &mut *plain);
        opened.map_err(|_| StoreError::Sealed)?;
        Ok((seal, plain))
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new((&*self.key).into())
    }
}

/// What a file is that is no wallet.
fn short(bytes: &[u8]) -> StoreError {
    match bytes.first() {
        Some(b'{') => StoreError::KeyFile,
        _ => StoreError::NoStore,
    }
}

fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    let drawn = SysRng.try_fill_bytes(&mut bytes);
    drawn.map_err(|error| StoreError::Randomness(error.to_string()))?;
    Ok(bytes)
}
