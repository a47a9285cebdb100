use crate::{Account, Draft, Offer, OfferError, Transfer, WalletError, file};
use isonomy_crypto::{Hash, PublicKey, Secret, Signature};
use isonomy_types::{Address, List, Policy, Transaction, Witness};
use rand::{TryRng, rngs::SysRng};
use std::path::Path;
use zeroize::Zeroizing;

/// One key, and the account whose first policy it is.
///
/// Prints nothing of the key; wipes it when dropped.
#[derive(Clone, Debug)]
pub struct Wallet {
    secret: Secret,
}

impl Wallet {
    /// The wallet of a key that is kept elsewhere.
    #[must_use]
    pub const fn new(secret: Secret) -> Self {
        Self { secret }
    }

    /// Draws a new key, and keeps it in a new file that its owner alone can read.
    ///
    /// # Errors
    /// [`WalletError::Exists`] if anything has that name, [`WalletError::Io`],
    /// [`WalletError::Randomness`]. Then nothing is left behind.
    pub fn create(path: &Path) -> Result<Self, WalletError> {
        let mut bytes = Zeroizing::new([0; 32]);
        let drawn = SysRng.try_fill_bytes(bytes.as_mut());
        drawn.map_err(|error| WalletError::Randomness(error.to_string()))?;
        // Fails with a chance of 2⁻¹²⁸, or on a broken source.
        let secret = Secret::from_bytes(&bytes);
        let secret = secret.map_err(|error| WalletError::Randomness(error.to_string()))?;
        file::create(path, &secret)?;
        Ok(Self { secret })
    }

    /// Keeps the key in a new file that its owner alone can read.
    ///
    /// # Errors
    /// [`WalletError::Exists`] if anything has that name, [`WalletError::Io`]. Then nothing is left
    /// behind.
    pub fn keep(&self, path: &Path) -> Result<(), WalletError> {
        file::create(path, &self.secret)
    }

    /// Reads the key of a file that [`create`](Self::create) wrote.
    ///
    /// # Errors
    /// Says what is wrong with the file, and what to do.
    pub fn open(path: &Path) -> Result<Self, WalletError> {
        Ok(Self { secret: file::open(path)? })
    }

    /// The account: the one that starts under this key.
    #[must_use]
    pub fn address(&self) -> Address {
        self.policy().address()
    }

    /// A payment out of this account, on the chain `genesis`. Nothing is signed yet.
    #[must_use]
    pub fn transfer(&self, genesis: Hash, transfer: Transfer) -> Draft {
        Draft::new(genesis, self.address(), transfer)
    }

    /// Signs what [`Draft::describe`] says. A transaction signed twice has the same id.
    ///
    /// # Errors
    /// [`WalletError::Foreign`] if another wallet drew it up, and [`WalletError::Sign`] if the
    /// machine miscomputes.
    pub fn sign(&self, draft: Draft) -> Result<Transaction, WalletError> {
        let (got, want) = (draft.account(), self.address());
        if got != want {
            return Err(WalletError::Foreign { got, want });
        }
        let digest = draft.intent().signing_digest(&draft.genesis());
        let signatures = List::truncated(vec![Some(self.signature(&digest)?)]);
        let witness = Witness { policy: self.policy(), signatures };
        Ok(Transaction::new(draft.into_intent(), List::truncated(vec![witness])))
    }

    /// The offer as this key would sign it: its own account's policy revealed. Signs nothing.
    ///
    /// # Errors
    /// [`OfferError::Stranger`] or [`OfferError::Signed`] if its signature is wanted nowhere.
    pub fn prepare(&self, mut offer: Offer) -> Result<Offer, OfferError> {
        offer.prepare(&Account::first(self.policy()), &self.public())?;
        Ok(offer)
    }

    /// Signs what [`Offer::describe`] says, wherever this key is wanted: for its own account, and for
    /// each account whose revealed policy names it.
    ///
    /// # Errors
    /// Those of [`prepare`](Self::prepare) as [`WalletError::Offer`], and [`WalletError::Sign`] if
    /// the machine miscomputes.
    pub fn sign_offer(&self, offer: Offer) -> Result<Offer, WalletError> {
        let mut offer = self.prepare(offer)?;
        let digest = offer.intent().signing_digest(&offer.genesis());
        offer.put(&self.public(), self.signature(&digest)?);
        Ok(offer)
    }

    /// The public key, for policies of several.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.secret.public()
    }

    pub(crate) fn into_secret(self) -> Secret {
        self.secret
    }

    pub(crate) fn signature(&self, digest: &Hash) -> Result<Signature, WalletError> {
        let mut aux = [0; 32];
        // Without fresh randomness BIP340 signing is still sound: the nonce binds key and message.
        let _ = SysRng.try_fill_bytes(&mut aux);
        Ok(self.secret.sign(digest, &aux)?)
    }

    fn policy(&self) -> Policy {
        Policy::Key(self.public())
    }
}
