use alloc::{boxed::Box, format, string::String, sync::Arc, vec::Vec};
use isonomy_chain::{Archive, StoreFailed};
use isonomy_consensus::{Follow, Followed, pow::Mine};
use isonomy_crypto::{Claim, Hash, InvalidClaims, PublicKey, Signature, list_root, verify_bundles};
use isonomy_ledger::{
    Admit, AdmitError, Env, Execute, ExecuteError, Executed, Inadmissible, Modules, Standing,
    TreePart, View,
};
use isonomy_peer::{BodyBytes, TransactionBytes};
use isonomy_types::{Body, CheckError, Checked, Decode, Entry, Transaction};

/// Names a job and its answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct JobId(pub u64);

/// A transaction that passed its stateless checks, shared by pool, bodies and execution.
pub type Shared = Arc<Transaction<Checked>>;

/// Slow or blocking work: owned, `Send`, and data, so that a simulator can price it and a recorder
/// can write down which it was.
pub enum Job {
    /// Check headers against the rules.
    Follow(Box<Follow>),
    /// Decode a body, compare it with its root, check its transactions.
    Body {
        /// The chain.
        genesis: Hash,
        /// What the header commits.
        root: Hash,
        /// What arrived.
        bytes: BodyBytes,
    },
    /// Check transactions, and ask the state what it says of them.
    Admit(Box<AdmitAll>),
    /// Execute a block, or make a template.
    Execute(Box<Execute>),
    /// Search a slice of nonces.
    Mine(Mine),
    /// Verify signatures for the engine.
    Verify(Vec<Claim>),
    /// Sign, with a key that the host holds.
    Sign {
        /// With which key.
        key: PublicKey,
        /// What.
        digest: Hash,
    },
    /// Read a body that left the machine's memory.
    ReadBody(Hash),
    /// Read headers that left the machine's memory.
    ReadHeaders {
        /// Which to follow, newest first.
        locator: Vec<Hash>,
        /// Entries at most.
        limit: usize,
        /// Bytes at most.
        limit_bytes: usize,
    },
}

/// What a job found. Only `Signed` and the reads cannot be computed again from the job itself.
#[derive(Debug)]
pub enum Done {
    /// To [`Job::Follow`].
    Followed(Followed),
    /// To [`Job::Body`].
    Body(Result<Arc<[Shared]>, BodyError>),
    /// To [`Job::Admit`]: a verdict for each, in order.
    Admitted(Vec<Verdict>),
    /// To [`Job::Execute`].
    Executed(Result<Executed, ExecuteError>),
    /// To [`Job::Mine`]: the nonce, if this slice held one.
    Mined(Option<u64>),
    /// To [`Job::Verify`].
    Verified(bool),
    /// To [`Job::Sign`]: nothing if the host does not hold the key.
    Signed(Option<Signature>),
    /// To [`Job::ReadBody`].
    ReadBody(Result<Option<Body>, StoreFailed>),
    /// To [`Job::ReadHeaders`].
    ReadHeaders(Result<Vec<Entry>, StoreFailed>),
}

/// The first blames the sender, the second the header.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BodyError {
    /// These bytes are not the body that the header commits.
    #[error("not the body that its header commits")]
    Mismatch,
    /// It is that body, and it breaks a rule: the header is condemned.
    #[error("{0}")]
    Invalid(String),
}

/// Why a transaction does not get into the mempool, or not yet.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// Not a transaction, or not the one it was announced as.
    #[error("not the transaction it was announced as")]
    Mismatch,
    /// It breaks a rule on every state.
    #[error(transparent)]
    Check(CheckError),
    /// The state at the tip refuses it, or could not be read.
    #[error(transparent)]
    State(AdmitError),
}

impl Refusal {
    /// Whether whoever sent it must have known.
    #[must_use]
    pub const fn is_fault(&self) -> bool {
        matches!(self, Self::Mismatch | Self::Check(_))
    }

    /// Whether the transaction of this id could get in with other witnesses. A stranger can put his
    /// own beside it, so such a refusal says nothing about what others send under the id.
    pub(crate) const fn is_of_witnesses(&self) -> bool {
        use Inadmissible::{BlockBytes, Bytes, Meter, Policy};
        let Self::State(AdmitError::Inadmissible(why)) = self else { return false };
        matches!(why, Policy { .. } | Meter { .. } | Bytes { .. } | BlockBytes { .. })
    }
}

/// A transaction that keeps every rule that needs no state, and what the state says of it.
pub type Judged = (Shared, Result<Standing, AdmitError>);

/// What checking a transaction, and asking the state, came to.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The transaction's id; for one that is not what it was announced as, the announced id.
    pub id: Hash,
    /// Why the state was not asked, or what it says.
    pub result: Result<Judged, Refusal>,
}

/// A transaction on its way in.
pub enum Incoming {
    /// As it came from a peer: its id as announced, its bytes.
    Bytes(Hash, TransactionBytes),
    /// From the owner.
    Whole(Box<Transaction>),
    /// Checked before; only the state is asked.
    Again(Shared),
}

/// The work of [`Job::Admit`].
pub struct AdmitAll {
    /// Of the block that would come next.
    pub env: Env,
    /// The chain's modules.
    pub modules: Arc<Modules>,
    /// The state at the tip.
    pub view: Arc<dyn View>,
    /// What wants in.
    pub transactions: Vec<Incoming>,
}

impl AdmitAll {
    fn run(self, lent: &dyn Lent) -> Vec<Verdict> {
        let Self { env, modules, view, transactions } = self;
        let judge = |(id, checked): (Hash, Result<Shared, Refusal>)| {
            let result = checked.map(|transaction| {
                let (env, modules, view) = (env.clone(), modules.clone(), view.clone());
                let admit = Admit { env, modules, view, transaction };
                let standing = admit.run();
                (admit.transaction, standing)
            });
            Verdict { id, result }
        };
        checked(transactions, &env.genesis, lent).into_iter().map(judge).collect()
    }
}

/// Each with its id, checked if it was not before: all hashes are made together, and all signatures
/// verified together.
fn checked(
    transactions: Vec<Incoming>,
    genesis: &Hash,
    lent: &dyn Lent,
) -> Vec<(Hash, Result<Shared, Refusal>)> {
    let (mut all, mut decoded, mut announced) = (Vec::new(), Vec::new(), Vec::new());
    for incoming in transactions {
        let place = all.len();
        let (id, transaction) = match incoming {
            Incoming::Again(shared) => {
                all.push((shared.id(), Ok(shared)));
                continue;
            }
            Incoming::Whole(transaction) => (None, Some(*transaction)),
            Incoming::Bytes(id, bytes) => (Some(id), Transaction::decode_exact(&bytes).ok()),
        };
        all.push((id.unwrap_or_default(), Err(Refusal::Mismatch)));
        announced.extend(transaction.is_some().then_some((place, id)));
        decoded.extend(transaction);
    }
    let hashed = Transaction::hash_all(decoded).into_iter().zip(announced);
    let (mut fitting, mut places) = (Vec::new(), Vec::new());
    for (transaction, (place, id)) in hashed {
        if id.is_none_or(|id| id == transaction.id()) {
            places.push((transaction.id(), place));
            fitting.push(transaction);
        }
    }
    let now =
        Transaction::check_each_with(fitting, genesis, |claims, ends| lent.verify(claims, ends));
    for ((id, place), now) in places.into_iter().zip(now) {
        if let Some(one) = all.get_mut(place) {
            *one = (id, now.map(Arc::new).map_err(Refusal::Check));
        }
    }
    all
}

/// What the host lends to a job.
pub trait Lent: Sync {
    /// Signs `digest`, if `key` is one of the host's.
    fn sign(&self, key: &PublicKey, digest: &Hash) -> Option<Signature>;
    /// What left the machine's memory.
    fn archive(&self) -> &dyn Archive;
    /// Checks claims as [`verify_bundles`] does. A host may spread them over threads, and remember those
    /// that held ([`SignatureCache`](isonomy_crypto::SignatureCache)).
    ///
    /// # Errors
    /// Names a claim of each bundle that does not hold.
    fn verify(&self, claims: &[Claim], ends: &[usize]) -> Result<(), InvalidClaims> {
        verify_bundles(claims, ends)
    }
    /// Runs some parts of a state tree's update, or none: what is left is run by whoever asks. A host
    /// may spread them over threads.
    fn update(&self, _parts: &mut [TreePart<'_>]) {}
}

impl Job {
    /// Does the work. Takes as long as it takes.
    #[must_use]
    pub fn run(self, lent: &dyn Lent) -> Done {
        match self {
            Self::Follow(follow) => Done::Followed(follow.run()),
            Self::Body { genesis, root, bytes } => Done::Body(body(&genesis, root, &bytes, lent)),
            Self::Admit(admit) => Done::Admitted(admit.run(lent)),
            Self::Execute(execute) => Done::Executed(execute.run_in(|parts| lent.update(parts))),
            Self::Mine(mine) => Done::Mined(mine.run()),
            Self::Verify(claims) => Done::Verified(lent.verify(&claims, &[]).is_ok()),
            Self::Sign { key, digest } => Done::Signed(lent.sign(&key, &digest)),
            Self::ReadBody(id) => Done::ReadBody(lent.archive().body(&id)),
            Self::ReadHeaders { locator, limit, limit_bytes } => {
                Done::ReadHeaders(lent.archive().headers(&locator, limit_bytes, limit))
            }
        }
    }
}

fn body(
    genesis: &Hash,
    root: Hash,
    bytes: &[u8],
    lent: &dyn Lent,
) -> Result<Arc<[Shared]>, BodyError> {
    let body = Body::decode_exact(bytes).map_err(|_| BodyError::Mismatch)?;
    let hashed = Transaction::hash_all(body.transactions.into_vec());
    let leaves: Vec<Hash> = hashed.iter().map(|transaction| transaction.leaf()).collect();
    if list_root(&leaves) != root {
        return Err(BodyError::Mismatch);
    }
    let checked =
        Transaction::check_all_with(hashed, genesis, |claims, ends| lent.verify(claims, ends));
    let checked = checked.map_err(|error| BodyError::Invalid(format!("{error}")))?;
    Ok(checked.into_iter().map(Arc::new).collect())
}
