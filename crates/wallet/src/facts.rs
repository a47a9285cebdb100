use crate::OfferError;
use isonomy_crypto::Hash;
use isonomy_types::{Intent, SIGNERS_MAX, Witness};

/// What a node says of the chain on which an offer would happen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// The chain's id.
    pub genesis: Hash,
    /// The height of its best block.
    pub height: u64,
    /// Of each signer, in the offer's order.
    pub signers: Vec<SignerFacts>,
}

/// What a node says of a signer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignerFacts {
    /// The hash of the account's policy. `None`: still the first one.
    pub policy: Option<Hash>,
    /// The next counter of the lane that the offer would spend.
    pub next: u64,
}

impl Facts {
    pub(crate) fn judge(
        &self,
        got: Hash,
        intent: &Intent,
        witnesses: &isonomy_types::List<Option<Witness>, SIGNERS_MAX>,
    ) -> Result<(), OfferError> {
        if got != self.genesis {
            return Err(OfferError::Chain { got, want: self.genesis });
        }
        if intent.expires <= self.height {
            return Err(OfferError::Expired { got: intent.expires, limit: self.height });
        }
        let (got, limit) = (self.signers.len(), intent.signers.len());
        if got != limit {
            return Err(OfferError::Facts { got, limit });
        }
        for ((signer, facts), witness) in
            intent.signers.iter().zip(&self.signers).zip(witnesses.iter())
        {
            let (account, lane, got) = (signer.account, signer.nonce.lane, signer.nonce.seq);
            let limit = facts.next;
            if got < limit {
                return Err(OfferError::Spent { account, lane, got, limit });
            }
            if got > limit {
                return Err(OfferError::Early { account, lane, got, limit });
            }
            let policy = facts.policy.unwrap_or(account.0);
            if witness.as_ref().is_some_and(|witness| witness.policy.hash() != policy) {
                return Err(OfferError::Policy { account });
            }
        }
        Ok(())
    }
}
