//! What any chain asks of a transaction, except that signatures may be missing.
use super::{Offer, sign::count};
use crate::OfferError;
use isonomy_crypto::{Claim, Hash};
use isonomy_types::{Address, CheckError, Encode, TRANSACTION_BYTES_MAX, Witness};
use std::collections::BTreeSet;

impl Offer {
    pub(super) fn check(&self) -> Result<(), OfferError> {
        self.shape()?;
        let digest = self.intent.signing_digest(&self.genesis);
        let signers = self.intent.signers.iter();
        for (place, (signer, witness)) in signers.zip(self.witnesses.iter()).enumerate() {
            let Some(witness) = witness else { continue };
            fits(place, witness)?;
            genuine(signer.account, witness, digest)?;
        }
        Ok(())
    }

    fn shape(&self) -> Result<(), CheckError> {
        let (signers, witnesses) = (&self.intent.signers, &self.witnesses);
        let (got, limit) = (witnesses.len(), signers.len());
        if limit == 0 {
            return Err(CheckError::NoSigner);
        }
        if got != limit {
            return Err(CheckError::WitnessCount { got, limit });
        }
        let mut seen = BTreeSet::new();
        if let Some(index) = signers.iter().position(|signer| !seen.insert(signer.account)) {
            return Err(CheckError::RepeatedSigner { index });
        }
        if let Some(action) = self.intent.actions.iter().find(|a| usize::from(a.by) >= limit) {
            return Err(CheckError::UnknownActor { got: action.by, limit });
        }
        let got = self.intent.encoded_len().saturating_add(witnesses.encoded_len());
        if got > TRANSACTION_BYTES_MAX {
            return Err(CheckError::Large { got, limit: TRANSACTION_BYTES_MAX });
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
