//! Whose signatures are there, and whose are wanted.
use super::Offer;
use crate::{Account, OfferError, Unsigned};
use isonomy_crypto::{PublicKey, Signature};
use isonomy_types::{Address, List, Policy, Transaction, Witness};

impl Offer {
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

    /// Takes over the signatures of another copy of it, as far as they are still wanted: so that
    /// several can sign at once.
    ///
    /// # Errors
    /// [`OfferError::Different`] if it is another transaction, [`OfferError::Revealed`] if the copies
    /// show different policies of one account.
    pub fn combine(&mut self, other: &Self) -> Result<(), OfferError> {
        if (self.genesis, &self.intent) != (other.genesis, &other.intent) {
            return Err(OfferError::Different);
        }
        let mut changed = self.clone();
        for (place, theirs) in other.witnesses.iter().enumerate() {
            let Some(theirs) = theirs else { continue };
            let own = self.witnesses.get(place).cloned().flatten();
            let own = own.unwrap_or_else(|| empty(theirs.policy.clone()));
            let merged = merge(own, theirs).ok_or_else(|| {
                let signer = self.intent.signers.get(place);
                let account = signer.map_or(Address::default(), |signer| signer.account);
                OfferError::Revealed { account }
            })?;
            changed.set(place, merged);
        }
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
}

/// `None` if they are under different policies.
fn merge(own: Witness, theirs: &Witness) -> Option<Witness> {
    if own.policy != theirs.policy {
        return None;
    }
    let mut wanted = needed(&own).saturating_sub(count(&own));
    let mut signatures = own.signatures.into_vec();
    for (own, theirs) in signatures.iter_mut().zip(theirs.signatures.iter()) {
        if own.is_none() && theirs.is_some() && wanted > 0 {
            *own = *theirs;
            wanted = wanted.saturating_sub(1);
        }
    }
    Some(Witness { policy: own.policy, signatures: List::truncated(signatures) })
}

pub(super) fn empty(policy: Policy) -> Witness {
    let places = policy.signing().map_or(0, |(_, keys)| keys.len());
    Witness { policy, signatures: List::truncated(vec![None; places]) }
}

pub(super) fn count(witness: &Witness) -> usize {
    witness.signatures.iter().flatten().count()
}

fn needed(witness: &Witness) -> usize {
    witness.policy.signing().map_or(usize::MAX, |(needed, _)| needed)
}

fn at(witness: &Witness, key: &PublicKey) -> Option<usize> {
    witness.policy.signing()?.1.iter().position(|other| other == key)
}
