//! The stateless checks: hard bounds, signatures, the chain's id, and nothing else.
use crate::{Checked, Hashed, Signer, TRANSACTION_BYTES_MAX, Transaction, Unchecked, Witness};
use alloc::vec::Vec;
use isonomy_crypto::{Claim, ClaimError, Hash, InvalidClaims, verify_bundles};

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
        self.check_with(genesis, verify_bundles)
    }

    /// The same, with signatures verified by `verify`: one that accepts what [`verify_bundles`] accepts,
    /// but has more threads, or remembers what it verified before.
    ///
    /// # Errors
    /// The first rule broken.
    pub fn check_with(
        self,
        genesis: &Hash,
        verify: impl FnOnce(&[Claim], &[usize]) -> Result<(), InvalidClaims>,
    ) -> Result<Transaction<Checked>, CheckError> {
        let (hashed, mut claims) = (self.hash(), Vec::new());
        hashed.claims(hashed.signing_digest(genesis), &mut claims)?;
        let verified = verify(&claims, &[]);
        verified.map_err(|invalid| CheckError::Signature(invalid.first().error))?;
        Ok(hashed.believed())
    }

    /// Judges many, with all their hashes made and all their signatures verified together.
    ///
    /// # Errors
    /// Names a transaction that fails. The others are not judged.
    pub fn check_all(
        transactions: Vec<Self>,
        genesis: &Hash,
    ) -> Result<Vec<Transaction<Checked>>, CheckAllError> {
        Transaction::check_all_with(Self::hash_all(transactions), genesis, verify_bundles)
    }
}

impl Transaction<Hashed> {
    /// As [`check_with`](Transaction::check_with), for many.
    ///
    /// # Errors
    /// Names a transaction that fails. The others are not judged.
    pub fn check_all_with(
        transactions: Vec<Self>,
        genesis: &Hash,
        verify: impl FnOnce(&[Claim], &[usize]) -> Result<(), InvalidClaims>,
    ) -> Result<Vec<Transaction<Checked>>, CheckAllError> {
        let count = transactions.len();
        let (mut claims, mut ends) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let digests = Self::signing_digests(&transactions, genesis);
        for (index, (transaction, digest)) in transactions.iter().zip(digests).enumerate() {
            let gathered = transaction.claims(digest, &mut claims);
            gathered.map_err(|error| CheckAllError { index, error })?;
            ends.push(claims.len());
        }
        verify(&claims, &[]).map_err(|invalid| CheckAllError {
            index: ends.partition_point(|end| *end <= invalid.first().index),
            error: CheckError::Signature(invalid.first().error),
        })?;
        Ok(transactions.into_iter().map(Self::believed).collect())
    }

    /// Judges each of many by itself, in order, with all their signatures verified together, in a bundle
    /// for each.
    pub fn check_each_with(
        transactions: Vec<Self>,
        genesis: &Hash,
        verify: impl FnOnce(&[Claim], &[usize]) -> Result<(), InvalidClaims>,
    ) -> Vec<Result<Transaction<Checked>, CheckError>> {
        let (mut claims, mut ends, mut judged) = (Vec::new(), Vec::new(), Vec::new());
        let digests = Self::signing_digests(&transactions, genesis);
        for (transaction, digest) in transactions.into_iter().zip(digests) {
            let before = claims.len();
            let gathered = transaction.claims(digest, &mut claims);
            if gathered.is_err() {
                claims.truncate(before);
            }
            judged.push(gathered.map(|()| transaction.believed()));
            ends.push(claims.len());
        }
        if let Err(invalid) = verify(&claims, &ends) {
            for invalid in invalid.iter() {
                let place = ends.partition_point(|end| *end <= invalid.index);
                if let Some(judged @ Ok(_)) = judged.get_mut(place) {
                    *judged = Err(CheckError::Signature(invalid.error));
                }
            }
        }
        judged
    }

    /// Everything but the signatures of `digest`, which are gathered.
    fn claims(&self, digest: Hash, claims: &mut Vec<Claim>) -> Result<(), CheckError> {
        let signers = &self.intent.signers;
        let (got, limit) = (self.witnesses.len(), signers.len());
        if limit == 0 {
            return Err(CheckError::NoSigner);
        }
        if got != limit {
            return Err(CheckError::WitnessCount { got, limit });
        }
        if let Some(index) = repeated(signers) {
            return Err(CheckError::RepeatedSigner { index });
        }
        if let Some(action) = self.intent.actions.iter().find(|a| usize::from(a.by) >= limit) {
            return Err(CheckError::UnknownActor { got: action.by, limit });
        }
        if self.state.bytes > TRANSACTION_BYTES_MAX {
            return Err(CheckError::Large { got: self.state.bytes, limit: TRANSACTION_BYTES_MAX });
        }
        let mut witnesses = self.witnesses.iter().enumerate();
        witnesses.try_for_each(|(signer, witness)| witness.claims(signer, digest, claims))
    }
}

/// The place of the first whose account stands before it already. There are few.
fn repeated(signers: &[Signer]) -> Option<usize> {
    let accounts = || signers.iter().map(|signer| signer.account);
    accounts().enumerate().position(|(index, account)| accounts().take(index).any(|a| a == account))
}

impl Witness {
    fn claims(
        &self,
        signer: usize,
        digest: Hash,
        claims: &mut Vec<Claim>,
    ) -> Result<(), CheckError> {
        let (needed, keys) =
            self.policy.signing().ok_or(CheckError::PolicyCannotSign { signer })?;
        let (got, limit) = (self.signatures.len(), keys.len());
        if got != limit {
            return Err(CheckError::SignaturePlaces { signer, got, limit });
        }
        let given = self.signatures.iter().flatten().count();
        if given != needed {
            return Err(CheckError::SignatureCount { signer, got: given, limit: needed });
        }
        let claim = |(key, signature): (_, &Option<_>)| {
            signature.map(|signature| Claim { key, digest, signature })
        };
        claims.extend(keys.iter().copied().zip(self.signatures.iter()).filter_map(claim));
        Ok(())
    }
}
