//! Jobs run for real, and take virtual time.
use isonomy_chain::Archive;
use isonomy_crypto::{
    Claim, Hash, InvalidClaims, PublicKey, Secret, Signature, SignatureCache, verify_bundles,
};
use isonomy_ledger::Mode;
use isonomy_node::{Done, Job, Lent};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What a host lends to its jobs.
pub(crate) struct Loan {
    pub(crate) secrets: BTreeMap<PublicKey, Secret>,
    pub(crate) archive: Arc<dyn Archive>,
    /// What any host of the run verified, so that only the first has the work.
    pub(crate) verified: Option<Verified>,
}

pub(crate) type Verified = Arc<Mutex<SignatureCache>>;

/// Claims that a run remembers.
const VERIFIED_MAX: usize = 100_000;

/// A memory for a new run.
pub(crate) fn verified() -> Verified {
    Arc::new(Mutex::new(SignatureCache::new(VERIFIED_MAX)))
}

impl Lent for Loan {
    fn sign(&self, key: &PublicKey, digest: &Hash) -> Option<Signature> {
        self.secrets.get(key)?.sign(digest, &[0; 32]).ok()
    }

    fn archive(&self) -> &dyn Archive {
        self.archive.as_ref()
    }

    fn verify(&self, claims: &[Claim], ends: &[usize]) -> Result<(), InvalidClaims> {
        let Some(verified) = &self.verified else { return verify_bundles(claims, ends) };
        let mut verified = verified.lock().unwrap_or_else(PoisonError::into_inner);
        let unknown = verified.unknown(claims, ends);
        let now = unknown.verify(verify_bundles);
        verified.insert(&unknown.held(&now));
        now
    }
}

/// Virtual milliseconds that a job takes, by its kind and size, on a host of modest strength. A
/// search for a nonce is priced by its tries instead.
#[must_use]
pub fn price(job: &Job) -> u64 {
    match job {
        Job::Follow(follow) => 1 + follow.entries.len() as u64 / 16,
        Job::Body { bytes, .. } => 1 + bytes.len() as u64 / 2_048,
        Job::Admit(admit) => 1 + admit.transactions.len() as u64 / 4,
        Job::Execute(execute) => {
            let each = match execute.mode {
                Mode::Block => 2,
                Mode::Template => 1,
            };
            2 + each * execute.transactions.len() as u64
        }
        Job::Verify(claims) => 1 + claims.len() as u64 / 8,
        Job::Sign { .. } => 1,
        Job::ReadBody(_) | Job::ReadHeaders { .. } => 5,
        Job::Mine(_) => 0,
    }
}

/// The answer to a job, and the tries at a nonce that it took.
///
/// While `searching` is off no search finds anything: hash power that is switched off.
pub(crate) fn run(job: Job, loan: &Loan, searching: bool) -> (Done, u64) {
    let Job::Mine(mine) = job else { return (job.run(loan), 0) };
    if !searching {
        return (Done::Mined(None), mine.tries);
    }
    let nonce = mine.run();
    let tries = nonce.map_or(mine.tries, |nonce| nonce.saturating_sub(mine.from).saturating_add(1));
    (Done::Mined(nonce), tries)
}
