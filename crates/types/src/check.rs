//! The stateless checks: hard bounds, signatures, the chain's id, and nothing else.
use crate::{Checked, TRANSACTION_BYTES_MAX, Transaction, Unchecked, Witness};
use alloc::{collections::BTreeSet, vec::Vec};
use isonomy_crypto::{Claim, ClaimError, Hash, InvalidClaims, verify_all};

/// The stateless rule that a transaction breaks. It breaks it on every chain state.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CheckError {
    /// Nobody would pay.
    #[error("no signer")]
    NoSigner,
    /// Every signer has one witness.
    #[error("{got} witnesses for {limit} signers")]
    WitnessCount {
        /// How many witnesses.
        got: usize,
        /// How many signers.
        limit: usize,
    },
    /// An account would spend two nonces at once.
    #[error("signer {index} names an account that signs already")]
    RepeatedSigner {
        /// The second one's place.
        index: usize,
    },
    /// An action for a signer who is not there.
    #[error("an action is by signer {got}, there are {limit}")]
    UnknownActor {
        /// The index named.
        got: u8,
        /// How many signers.
        limit: usize,
    },
    /// Larger than any node relays or stores.
    #[error("{got} bytes, limit {limit}")]
    Large {
        /// Length of its encoding, in bytes.
        got: usize,
        /// [`TRANSACTION_BYTES_MAX`].
        limit: usize,
    },
    /// Contracts and modules act when called; nobody signs for them.
    #[error("signer {signer}'s policy cannot sign")]
    PolicyCannotSign {
        /// The signer's place.
        signer: usize,
    },
    /// As many places as keys.
    #[error("signer {signer} has {got} places for signatures, its policy {limit} keys")]
    SignaturePlaces {
        /// The signer's place.
        signer: usize,
        /// How many places.
        got: usize,
        /// How many keys.
        limit: usize,
    },
    /// Fewer do not suffice; more would let a stranger change a transaction's bytes.
    #[error("signer {signer} gives {got} signatures, its policy needs exactly {limit}")]
    SignatureCount {
        /// The signer's place.
        signer: usize,
        /// How many are given.
        got: usize,
        /// How many are needed.
        limit: usize,
    },
    /// Not that key's signature of this transaction on this chain.
    #[error("a signature fails: {0}")]
    Signature(ClaimError),
}

/// A transaction of a list that fails, and why.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("transaction {index}: {error}")]
pub struct CheckAllError {
    /// Its place.
    pub index: usize,
    /// The rule it breaks.
    pub error: CheckError,
}

impl Transaction<Unchecked> {
    /// Judges it without any state: bounds, shape, and signatures for the chain `genesis`. Whether
    /// the policies are the accounts' own, and the nonces next, is the ledger's question.
    ///
    /// # Errors
    /// The first rule broken.
    pub fn check(self, genesis: &Hash) -> Result<Transaction<Checked>, CheckError> {
        self.check_with(genesis, verify_all)
    }

    /// The same, with signatures verified by `verify`: one that accepts what [`verify_all`] accepts,
    /// but has more threads, or remembers what it verified before.
    ///
    /// # Errors
    /// The first rule broken.
    pub fn check_with(
        self,
        genesis: &Hash,
        verify: impl FnOnce(&[Claim]) -> Result<(), InvalidClaims>,
    ) -> Result<Transaction<Checked>, CheckError> {
        let (state, claims) = self.claims(genesis)?;
        verify(&claims).map_err(|invalid| CheckError::Signature(invalid.first().error))?;
        Ok(Transaction { intent: self.intent, witnesses: self.witnesses, state })
    }

    /// Judges many, with all their signatures verified together.
    ///
    /// # Errors
    /// Names a transaction that fails. The others are not judged.
    pub fn check_all(
        transactions: Vec<Self>,
        genesis: &Hash,
    ) -> Result<Vec<Transaction<Checked>>, CheckAllError> {
        Self::check_all_with(transactions, genesis, verify_all)
    }

    /// As [`check_with`](Self::check_with), for many.
    ///
    /// # Errors
    /// Names a transaction that fails. The others are not judged.
    pub fn check_all_with(
        transactions: Vec<Self>,
        genesis: &Hash,
        verify: impl FnOnce(&[Claim]) -> Result<(), InvalidClaims>,
    ) -> Result<Vec<Transaction<Checked>>, CheckAllError> {
        let (mut claims, mut ends, mut checked) = (Vec::new(), Vec::new(), Vec::new());
        for (index, transaction) in transactions.into_iter().enumerate() {
            let (state, mut own) =
                transaction.claims(genesis).map_err(|error| CheckAllError { index, error })?;
            claims.append(&mut own);
            ends.push(claims.len());
            let Self { intent, witnesses, .. } = transaction;
            checked.push(Transaction { intent, witnesses, state });
        }
        verify(&claims).map_err(|invalid| CheckAllError {
            index: ends.partition_point(|end| *end <= invalid.first().index),
            error: CheckError::Signature(invalid.first().error),
        })?;
        Ok(checked)
    }

    /// Judges each of many by itself, in order, with all their signatures verified together.
    pub fn check_each_with(
        transactions: Vec<Self>,
        genesis: &Hash,
        verify: impl FnOnce(&[Claim]) -> Result<(), InvalidClaims>,
    ) -> Vec<Result<Transaction<Checked>, CheckError>> {
        let (mut claims, mut ends, mut judged) = (Vec::new(), Vec::new(), Vec::new());
        for transaction in transactions {
            judged.push(transaction.claims(genesis).map(|(state, mut own)| {
                claims.append(&mut own);
                let Self { intent, witnesses, .. } = transaction;
                Transaction { intent, witnesses, state }
            }));
            ends.push(claims.len());
        }
        if let Err(invalid) = verify(&claims) {
            for invalid in invalid.iter() {
                let place = ends.partition_point(|end| *end <= invalid.index);
                if let Some(judged @ Ok(_)) = judged.get_mut(place) {
                    *judged = Err(CheckError::Signature(invalid.error));
                }
            }
        }
        judged
    }

    /// Everything but the signatures, which are gathered.
    fn claims(&self, genesis: &Hash) -> Result<(Checked, Vec<Claim>), CheckError> {
        let signers = &self.intent.signers;
        let (got, limit) = (self.witnesses.len(), signers.len());
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
        let facts = self.facts();
        if facts.bytes > TRANSACTION_BYTES_MAX {
            return Err(CheckError::Large { got: facts.bytes, limit: TRANSACTION_BYTES_MAX });
        }
        let digest = self.intent.signing_digest(genesis);
        let mut claims = Vec::new();
        for (signer, witness) in self.witnesses.iter().enumerate() {
            claims.append(&mut witness.claims(signer, digest)?);
        }
        Ok((facts, claims))
    }
}

impl Witness {
    fn claims(&self, signer: usize, digest: Hash) -> Result<Vec<Claim>, CheckError> {
        let (needed, keys) =
            self.policy.signing().ok_or(CheckError::PolicyCannotSign { signer })?;
        let (got, limit) = (self.signatures.len(), keys.len());
        if got != limit {
            return Err(CheckError::SignaturePlaces { signer, got, limit });
        }
        let claim = |(key, signature): (_, &Option<_>)| {
            signature.map(|signature| Claim { key, digest, signature })
        };
        let claims: Vec<_> =
            keys.iter().copied().zip(self.signatures.iter()).filter_map(claim).collect();
        if claims.len() != needed {
            let got = claims.len();
            return Err(CheckError::SignatureCount { signer, got, limit: needed });
        }
        Ok(claims)
    }
}
