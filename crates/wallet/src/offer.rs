use crate::armour::{self, OFFER_BYTES_MAX};
use crate::{Account, Facts, OFFER_CHARS_MAX, OfferError, Unsigned, WalletError, file, words};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Claim, Hash, PublicKey, Signature};
use isonomy_ledger::Modules;
use isonomy_types::{
    Address, Amount, CheckError, Decode, Encode, Intent, List, Policy, SIGNERS_MAX,
    TRANSACTION_BYTES_MAX, Transaction, Version, Witness,
};
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

/// Bytes of an offer's file: its text, wrapped or not. Stops a path to something endless.
pub const OFFER_FILE_BYTES_MAX: u64 = 2 * OFFER_CHARS_MAX as u64;
/// The first byte of an encoded offer.
const VERSION: u8 = 1;

/// A transaction whose signatures are being gathered: of several accounts, of several keys of one,
/// or both.
///
/// Its signatures are valid, always: bytes with one that does not fit are no offer. Whether the
/// chain would still have it, [`judge`](Self::judge) says.
///
/// Its text is bech32m with the prefix `isooffer` and without the usual limit of characters, its
/// only spelling but for white space.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize)]
pub struct Offer {
    version: Version<VERSION>,
    genesis: Hash,
    intent: Intent,
    /// In the signers' order. `None`: the account's policy is not revealed yet.
    witnesses: List<Option<Witness>, SIGNERS_MAX>,
}

#[derive(BorshDeserialize)]
struct Received {
    version: Version<VERSION>,
    genesis: Hash,
    intent: Intent,
    witnesses: List<Option<Witness>, SIGNERS_MAX>,
}

impl Offer {
    pub(crate) fn new(
        genesis: Hash,
        intent: Intent,
        policies: Vec<Option<Policy>>,
    ) -> Result<Self, OfferError> {
        let witnesses: Vec<_> = policies.into_iter().map(|policy| policy.map(empty)).collect();
        let offer =
            Self { version: Version, genesis, intent, witnesses: List::truncated(witnesses) };
        offer.check()?;
        Ok(offer)
    }

    /// Reads an offer out of its bytes.
    ///
    /// # Errors
    /// [`OfferError::Version`], [`OfferError::Decode`], [`OfferError::Terms`] if no chain could take
    /// it, [`OfferError::Altered`] if a signature does not fit.
    pub fn decode(bytes: &[u8]) -> Result<Self, OfferError> {
        match bytes.first() {
            Some(&got) if got != VERSION => {
                return Err(OfferError::Version { got, limit: VERSION });
            }
            _ if bytes.len() > OFFER_BYTES_MAX => {
                let (got, limit) = (bytes.len(), OFFER_BYTES_MAX);
                return Err(CheckError::Large { got, limit }.into());
            }
            _ => {}
        }
        let Received { version, genesis, intent, witnesses } = Received::decode_exact(bytes)?;
        let offer = Self { version, genesis, intent, witnesses };
        offer.check()?;
        Ok(offer)
    }

    /// Writes the offer's text into a new file.
    ///
    /// # Errors
    /// [`WalletError::Exists`] if anything has that name, [`WalletError::Io`].
    pub fn create(&self, path: &Path) -> Result<(), WalletError> {
        file::keep(path, format!("{self}\n").as_bytes())
    }

    /// Reads a file that [`create`](Self::create) wrote, or into which somebody pasted the text.
    ///
    /// # Errors
    /// [`WalletError::Io`], [`WalletError::Large`], and those of [`decode`](Self::decode) as
    /// [`WalletError::Offer`].
    pub fn open(path: &Path) -> Result<Self, WalletError> {
        let text = file::load(path, OFFER_FILE_BYTES_MAX)?;
        Ok(String::from_utf8_lossy(&text).parse()?)
    }

    /// The chain that it is for. It is worth nothing on any other.
    #[must_use]
    pub const fn genesis(&self) -> Hash {
        self.genesis
    }

    /// What is signed.
    #[must_use]
    pub const fn intent(&self) -> &Intent {
        &self.intent
    }

    /// What is signed, who has and who has not, in plain words and several lines. `you` are named
    /// so; modules other than this toolkit's are described by `modules`.
    #[must_use]
    pub fn describe(&self, you: Option<Address>, modules: Option<&Modules>) -> String {
        let (own, intent) = (words::modules(), &self.intent);
        let mut text = words::describe(&self.genesis, intent, modules.unwrap_or(&own), None);
        let unsigned = self.unsigned();
        for signer in intent.signers.iter() {
            let account = signer.account;
            text.push_str(&match unsigned.iter().find(|unsigned| unsigned.account == account) {
                None => format!("\nSigned by {account}."),
                Some(unsigned) => format!("\nNot yet signed by {unsigned}."),
            });
        }
        words::address_you(text, you)
    }

    /// Who must still sign, in the signers' order.
    #[must_use]
    pub fn unsigned(&self) -> Vec<Unsigned> {
        let signers = self.intent.signers.iter().zip(self.witnesses.iter());
        let unsigned = signers.map(|(signer, witness)| Unsigned {
            account: signer.account,
            got: witness.as_ref().map_or(0, count),
            needed: witness.as_ref().map_or(1, needed),
        });
        unsigned.filter(|unsigned| unsigned.got < unsigned.needed).collect()
    }

    /// The most coins that the account gives by its own actions, and as the fee if it pays that.
    #[must_use]
    pub fn takes(&self, account: &Address) -> Amount {
        let (modules, signers) = (words::modules(), &self.intent.signers);
        let add = |sum: Amount, more| sum.checked_add(more).unwrap_or(Amount::MAX);
        let payer = signers.first().is_some_and(|signer| signer.account == *account);
        let fee = if payer { self.intent.max_fee() } else { Amount::ZERO };
        let own = self.intent.actions.iter().filter(|action| {
            let signer = signers.get(usize::from(action.by));
            action.module == isonomy_ledger::assets::ID
                && signer.is_some_and(|signer| signer.account == *account)
        });
        let takes =
            own.filter_map(|action| Some(modules.get(action.module).ok()?.takes(&action.payload)));
        takes.fold(fee, add)
    }

    /// Whether the chain would take it now, were all signatures there. What a node says, it is.
    ///
    /// # Errors
    /// [`OfferError::Chain`], [`OfferError::Expired`], [`OfferError::Spent`], [`OfferError::Early`],
    /// [`OfferError::Policy`].
    pub fn judge(&self, facts: &Facts) -> Result<(), OfferError> {
        facts.judge(self.genesis, &self.intent, &self.witnesses)
    }

    /// Says under which policy an account signs: for one of several keys, or with a key other than
    /// its first. The same again changes nothing.
    ///
    /// # Errors
    /// [`OfferError::Stranger`], [`OfferError::Revealed`] if another policy has signatures already,
    /// [`OfferError::Terms`] if nobody can sign under it.
    pub fn reveal(&mut self, account: &Account) -> Result<(), OfferError> {
        let got = account.address;
        let place = self.place(&got).ok_or(OfferError::Stranger { got })?;
        let witness = self.witnesses.get(place).cloned().flatten();
        match witness {
            Some(witness) if witness.policy == account.policy => return Ok(()),
            Some(witness) if count(&witness) > 0 => {
                return Err(OfferError::Revealed { account: got });
            }
            _ => {}
        }
        let mut changed = self.clone();
        changed.set(place, empty(account.policy.clone()));
        changed.check()?;
        *self = changed;
        Ok(())
    }

    /// Makes ready for a key: reveals its own account's policy if that is missing.
    pub(crate) fn prepare(&mut self, own: &Account, key: &PublicKey) -> Result<(), OfferError> {
        if let Some(place) = self.place(&own.address)
            && self.witnesses.get(place).is_some_and(Option::is_none)
        {
            self.reveal(own)?;
        }
        let named = self.witnesses.iter().flatten().any(|witness| at(witness, key).is_some());
        if !named {
            return Err(OfferError::Stranger { got: own.address });
        }
        if self.wanting(key).next().is_none() {
            return Err(OfferError::Signed { unsigned: self.unsigned() });
        }
        Ok(())
    }

    /// Puts a key's signature wherever it is wanted.
    pub(crate) fn put(&mut self, key: &PublicKey, signature: Signature) {
        let places: Vec<_> = self.wanting(key).collect();
        for (place, mut witness, index) in places {
            let mut signatures = witness.signatures.into_vec();
            signatures.iter_mut().skip(index).take(1).for_each(|place| *place = Some(signature));
            witness.signatures = List::truncated(signatures);
            self.set(place, witness);
        }
    }

    /// The whole transaction, once everybody has signed.
    ///
    /// # Errors
    /// [`OfferError::Incomplete`].
    pub fn transaction(&self) -> Result<Transaction, OfferError> {
        let unsigned = self.unsigned();
        if !unsigned.is_empty() {
            return Err(OfferError::Incomplete { unsigned });
        }
        let witnesses = self.witnesses.iter().flatten().cloned().collect();
        Ok(Transaction::new(self.intent.clone(), List::truncated(witnesses)))
    }

    /// Where a key's signature is missing: the signer's place, its witness, the key's place in it.
    fn wanting<'a>(
        &'a self,
        key: &'a PublicKey,
    ) -> impl Iterator<Item = (usize, Witness, usize)> + 'a {
        let witnesses = self.witnesses.iter().enumerate();
        witnesses.filter_map(|(place, witness)| {
            let witness = witness.as_ref().filter(|witness| count(witness) < needed(witness))?;
            let index = at(witness, key)?;
            let free = witness.signatures.get(index).is_some_and(Option::is_none);
            free.then(|| (place, witness.clone(), index))
        })
    }

    fn place(&self, account: &Address) -> Option<usize> {
        self.intent.signers.iter().position(|signer| signer.account == *account)
    }

    fn set(&mut self, place: usize, witness: Witness) {
        let mut witnesses = std::mem::take(&mut self.witnesses).into_vec();
        witnesses.iter_mut().skip(place).take(1).for_each(|old| *old = Some(witness.clone()));
        self.witnesses = List::truncated(witnesses);
    }

    /// What any chain asks of a transaction, except that signatures may be missing.
    fn check(&self) -> Result<(), OfferError> {
        let (signers, witnesses) = (&self.intent.signers, &self.witnesses);
        let (got, limit) = (witnesses.len(), signers.len());
        if limit == 0 {
            return Err(CheckError::NoSigner.into());
        }
        if got != limit {
            return Err(CheckError::WitnessCount { got, limit }.into());
        }
        let mut seen = BTreeSet::new();
        if let Some(index) = signers.iter().position(|signer| !seen.insert(signer.account)) {
            return Err(CheckError::RepeatedSigner { index }.into());
        }
        if let Some(action) = self.intent.actions.iter().find(|a| usize::from(a.by) >= limit) {
            return Err(CheckError::UnknownActor { got: action.by, limit }.into());
        }
        let got = self.intent.encoded_len().saturating_add(witnesses.encoded_len());
        if got > TRANSACTION_BYTES_MAX {
            return Err(CheckError::Large { got, limit: TRANSACTION_BYTES_MAX }.into());
        }
        let digest = self.intent.signing_digest(&self.genesis);
        let pairs = signers.iter().zip(witnesses.iter()).enumerate();
        for (place, (signer, witness)) in pairs {
            let Some(witness) = witness else { continue };
            fits(place, witness)?;
            genuine(signer.account, witness, digest)?;
        }
        Ok(())
    }
}

/// As many places as keys, and no signature too many.
fn fits(signer: usize, witness: &Witness) -> Result<(), CheckError> {
    let (needed, keys) = witness.policy.signing().ok_or(CheckError::PolicyCannotSign { signer })?;
    let (got, limit) = (witness.signatures.len(), keys.len());
    if got != limit {
        return Err(CheckError::SignaturePlaces { signer, got, limit });
    }
    let got = count(witness);
    if got > needed {
        return Err(CheckError::SignatureCount { signer, got, limit: needed });
    }
    Ok(())
}

fn genuine(account: Address, witness: &Witness, digest: Hash) -> Result<(), OfferError> {
    let keys = witness.policy.signing().map_or(&[][..], |(_, keys)| keys);
    for (key, signature) in keys.iter().zip(witness.signatures.iter()) {
        let claim = signature.map(|signature| Claim { key: *key, digest, signature });
        if claim.is_some_and(|claim| claim.verify().is_err()) {
            return Err(OfferError::Altered { account, key: *key });
        }
    }
    Ok(())
}

fn empty(policy: Policy) -> Witness {
    let places = policy.signing().map_or(0, |(_, keys)| keys.len());
    Witness { policy, signatures: List::truncated(vec![None; places]) }
}

fn count(witness: &Witness) -> usize {
    witness.signatures.iter().flatten().count()
}

fn needed(witness: &Witness) -> usize {
    witness.policy.signing().map_or(usize::MAX, |(needed, _)| needed)
}

fn at(witness: &Witness, key: &PublicKey) -> Option<usize> {
    witness.policy.signing()?.1.iter().position(|other| other == key)
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        armour::write(&self.encode(), f)
    }
}

impl std::str::FromStr for Offer {
    type Err = OfferError;

    fn from_str(text: &str) -> Result<Self, OfferError> {
        Self::decode(&armour::read(text)?)
    }
}
