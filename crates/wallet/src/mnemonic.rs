//! The words that bring a wallet back on any machine.
use crate::{WalletError, file};
use bip32::{ChildNumber, ExtendedPrivateKey};
use bip39::Language;
use isonomy_crypto::Secret;
use rand::{TryRng, rngs::SysRng};
use std::fmt;
use std::path::Path;
use zeroize::Zeroizing;

/// Bytes of a mnemonic's file: 24 words of at most eight letters have 215. Stops a path to something
/// endless.
pub const MNEMONIC_FILE_BYTES_MAX: u64 = 1_024;
/// Bytes of a mnemonic's own passphrase. Bounds what the key store holds.
pub const MNEMONIC_PASSPHRASE_BYTES_MAX: usize = 256;
/// Accounts below it can be derived: BIP32 marks hardened indexes with the topmost bit.
pub const ACCOUNT_INDEX_END: u32 = 1 << 31;

const PURPOSE: u32 = 86;
const COIN: u32 = 1;
const MAKE: &str = "make one with `isonomy wallet create --mnemonic-out FILE`";

/// Why words are no mnemonic, or have no such key. Names no word.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MnemonicError {
    /// BIP39 knows five lengths.
    #[error(
        "the mnemonic has {got} words, expected 12, 15, 18, 21 or 24; see that none is missing"
    )]
    Count {
        /// How many there are.
        got: usize,
    },
    /// One of them is in no list.
    #[error("word {place} of the mnemonic is not in BIP39's English list; check its spelling")]
    Word {
        /// Its place, from 1 on.
        place: usize,
    },
    /// All are words, and they do not belong together.
    #[error(
        "the mnemonic's checksum is wrong: a word is wrong, or two are swapped; compare it with \
         your copy, word by word"
    )]
    Checksum,
    /// Longer than a key store holds.
    #[error("the mnemonic's own passphrase has {got} bytes, limit {limit}; choose a shorter one")]
    Passphrase {
        /// Its bytes.
        got: usize,
        /// [`MNEMONIC_PASSPHRASE_BYTES_MAX`].
        limit: usize,
    },
    /// Beyond the last account, or the one in 2¹²⁷ that BIP32 leaves out.
    #[error("account {index} has no key; derive another")]
    Index {
        /// Which.
        index: u32,
    },
}

/// How many words a new mnemonic has.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum WordCount {
    /// 128 bits of randomness: what the curve itself withstands.
    #[default]
    Twelve,
    /// 256 bits.
    TwentyFour,
}

/// A mnemonic of BIP39, in English, and all the keys that follow from it.
///
/// Its keys lie on the path of BIP32 `m/86'/1'/account'/0/0`. Purpose 86', as in BIP86, stands for
/// one BIP340 key an account. Coin type 1' is what SLIP-44 keeps for coins that it does not list. The
/// keys are the same on every chain of this toolkit; signatures are not, since they cover the
/// chain's id.
///
/// Prints nothing of the words; wipes them when dropped.
#[derive(Clone)]
pub struct Mnemonic {
    words: bip39::Mnemonic,
    passphrase: Zeroizing<String>,
}

impl Mnemonic {
    /// Draws a new one.
    ///
    /// # Errors
    /// [`WalletError::Randomness`].
    pub fn generate(count: WordCount) -> Result<Self, WalletError> {
        let mut entropy = Zeroizing::new([0; 32]);
        let drawn = SysRng.try_fill_bytes(entropy.as_mut());
        drawn.map_err(|error| WalletError::Randomness(error.to_string()))?;
        let bytes = match count {
            WordCount::Twelve => &entropy[..16],
            WordCount::TwentyFour => &entropy[..],
        };
        Ok(Self::from_entropy(bytes)?)
    }

    /// The mnemonic of 16, 20, 24, 28 or 32 bytes that nobody else knows.
    ///
    /// # Errors
    /// [`MnemonicError::Count`] of any other number of them.
    pub fn from_entropy(entropy: &[u8]) -> Result<Self, MnemonicError> {
        let words = bip39::Mnemonic::from_entropy_in(Language::English, entropy);
        let got = entropy.len().saturating_mul(3) / 4;
        let words = words.map_err(|_| MnemonicError::Count { got })?;
        Ok(Self { words, passphrase: Zeroizing::default() })
    }

    /// Reads words; space between them and upper case do not matter.
    ///
    /// # Errors
    /// [`MnemonicError::Count`], [`MnemonicError::Word`], [`MnemonicError::Checksum`].
    pub fn parse(text: &str) -> Result<Self, MnemonicError> {
        let text = Zeroizing::new(text.to_lowercase());
        let words = bip39::Mnemonic::parse_in_normalized(Language::English, &text);
        let words = words.map_err(|error| match error {
            bip39::Error::BadWordCount(got) => MnemonicError::Count { got },
            bip39::Error::UnknownWord(at) => MnemonicError::Word { place: at.saturating_add(1) },
            _ => MnemonicError::Checksum,
        })?;
        Ok(Self { words, passphrase: Zeroizing::default() })
    }

    /// With a passphrase of its own, beside the words: any gives other keys, and none is wrong.
    ///
    /// # Errors
    /// [`MnemonicError::Passphrase`].
    pub fn with_passphrase(self, passphrase: &str) -> Result<Self, MnemonicError> {
        let (got, limit) = (passphrase.len(), MNEMONIC_PASSPHRASE_BYTES_MAX);
        if got > limit {
            return Err(MnemonicError::Passphrase { got, limit });
        }
        Ok(Self { passphrase: Zeroizing::new(passphrase.to_owned()), ..self })
    }

    /// Reads the words of a file that its owner alone can read.
    ///
    /// # Errors
    /// [`WalletError::Missing`], [`WalletError::Readable`], [`WalletError::Large`],
    /// [`WalletError::Io`], [`WalletError::Mnemonic`].
    pub fn open(path: &Path) -> Result<Self, WalletError> {
        let text = file::secret(path, MNEMONIC_FILE_BYTES_MAX, MAKE)?;
        Ok(Self::parse(&Zeroizing::new(String::from_utf8_lossy(&text).into_owned()))?)
    }

    /// Writes the words, without the passphrase, into a new file that its owner alone can read.
    ///
    /// # Errors
    /// [`WalletError::Exists`], [`WalletError::Io`].
    pub fn create(&self, path: &Path) -> Result<(), WalletError> {
        let mut words = self.words();
        words.push('\n');
        file::keep(path, words.as_bytes())
    }

    /// The words, for a person to write down.
    #[must_use]
    pub fn words(&self) -> Zeroizing<String> {
        // Longer than any, so that it never grows and leaves no copy behind.
        let mut text = Zeroizing::new(String::with_capacity(256));
        for word in self.words.words() {
            let space = if text.is_empty() { "" } else { " " };
            text.push_str(space);
            text.push_str(word);
        }
        text
    }

    /// Whether it has a passphrase of its own, without which the words give other keys.
    #[must_use]
    pub fn has_passphrase(&self) -> bool {
        !self.passphrase.is_empty()
    }

    /// BIP39's seed: what BIP32's keys come from.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<[u8; 64]> {
        Zeroizing::new(self.words.to_seed(self.passphrase.as_str()))
    }

    /// The key of one account.
    ///
    /// # Errors
    /// [`MnemonicError::Index`].
    pub fn account(&self, index: u32) -> Result<Secret, MnemonicError> {
        derive(&*self.seed(), index).ok_or(MnemonicError::Index { index })
    }

    /// Where an account's key lies, as BIP32 writes it.
    #[must_use]
    pub fn path(index: u32) -> String {
        format!("m/{PURPOSE}'/{COIN}'/{index}'/0/0")
    }

    pub(crate) fn entropy(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.words.to_entropy())
    }

    pub(crate) fn passphrase(&self) -> &str {
        &self.passphrase
    }
}

fn derive(seed: &[u8], index: u32) -> Option<Secret> {
    let mut key = ExtendedPrivateKey::<k256::SecretKey>::new(seed).ok()?;
    for (step, hardened) in [(PURPOSE, true), (COIN, true), (index, true), (0, false), (0, false)] {
        key = key.derive_child(ChildNumber::new(step, hardened).ok()?).ok()?;
    }
    Secret::from_bytes(&Zeroizing::new(key.to_bytes())).ok()
}

impl fmt::Debug for Mnemonic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mnemonic(..)")
    }
}
