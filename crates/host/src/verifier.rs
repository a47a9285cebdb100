//! Signatures, on several cores, each once.
use crate::metrics::Signatures;
use isonomy_crypto::{
    Claim, InvalidClaims, SignatureCache, verify_bundles, verify_bundles_parallel,
};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::{Mutex, PoisonError};

/// Claims remembered, so that what was verified for the mempool is not verified again in a block:
/// several blocks' worth, in 2 MiB.
const REMEMBERED_MAX: usize = 65_536;

/// The least claims that are worth a second thread: about a millisecond of work.
const CLAIMS_SPREAD: usize = 128;

/// Verifies signatures on several threads, and remembers those that held: what a host lends to its
/// jobs as [`Lent::verify`](isonomy_node::Lent::verify).
pub struct Verifier {
    cache: Mutex<SignatureCache>,
    /// None where there is one thread, or the system refuses more.
    pool: Option<ThreadPool>,
    counted: Signatures,
}

impl Verifier {
    /// On `threads` threads, at least one.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self::counted(threads, Signatures::default())
    }

    pub(crate) fn counted(threads: usize, counted: Signatures) -> Self {
        let name = |number| format!("verifier {number}");
        let pool = ThreadPoolBuilder::new().num_threads(threads.max(1)).thread_name(name);
        let pool = if threads > 1 { pool.build().ok() } else { None };
        Self { cache: Mutex::new(SignatureCache::new(REMEMBERED_MAX)), pool, counted }
    }

    /// Checks claims as [`verify_bundles`] does.
    ///
    /// # Errors
    /// Names a claim of each bundle that does not hold.
    pub fn verify(&self, claims: &[Claim], ends: &[usize]) -> Result<(), InvalidClaims> {
        let unknown = self.cache().unknown(claims, ends);
        self.counted.count(claims.len(), unknown.claims().len());
        let verified = unknown.verify(|claims, ends| match &self.pool {
            Some(pool) if claims.len() >= CLAIMS_SPREAD => {
                pool.install(|| verify_bundles_parallel(claims, ends))
            }
            _ => verify_bundles(claims, ends),
        });
        self.cache().insert(&unknown.held(&verified));
        verified
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, SignatureCache> {
        // Between any two of its steps the cache holds nothing that was not verified.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isonomy_crypto::{Domain, Secret, Signature, verify_all};

    const VOTE: Domain = Domain::new("example vote 1");

    fn claims(count: u32) -> Vec<Claim> {
        let secret = Secret::from_bytes(&[7; 32]).unwrap();
        let claim = |number: u32| {
            let digest = VOTE.hash(&number.to_le_bytes());
            let signature = secret.sign(&digest, &[0; 32]).unwrap();
            Claim { key: secret.public(), digest, signature }
        };
        (0..count).map(claim).collect()
    }

    fn spoilt(claims: &[Claim], places: &[usize]) -> Vec<Claim> {
        let mut claims = claims.to_vec();
        for place in places {
            claims[*place].signature = Signature::from_bytes([9; 64]);
        }
        claims
    }

    #[test]
    fn attack_51_an_invalid_signature_is_named_at_every_position_and_thread_count() {
        let count = CLAIMS_SPREAD + 5;
        let claims = claims(u32::try_from(count).unwrap());
        for threads in [0, 1, 2, 3, 64] {
            for place in (0..count).step_by(7).chain([count - 1]) {
                let bad = spoilt(&claims, &[place, count - 1]);
                let found = Verifier::new(threads).verify(&bad, &each(count));
                assert_eq!(found, verify_all(&bad), "{threads} threads, place {place}");
            }
        }
    }

    /// Every claim is a bundle.
    fn each(count: usize) -> Vec<usize> {
        (1..=count).collect()
    }

    #[test]
    fn what_held_is_remembered_and_what_failed_is_not() {
        let (verifier, claims) = (Verifier::new(2), claims(80));
        let bad = spoilt(&claims, &[70]);
        assert_eq!(verifier.verify(&bad, &each(80)), verify_all(&bad));
        assert_eq!(verifier.cache().len(), 79, "those that held");
        // All but the bad one are known: its place is still its own.
        assert_eq!(verifier.verify(&bad, &[]).unwrap_err().first().index, 70);
        verifier.verify(&claims, &[]).unwrap();
        assert_eq!(verifier.cache().len(), 80);
        verifier.verify(&[], &[]).unwrap();
    }

    #[test]
    fn attack_51_what_stands_beside_a_failure_is_not_remembered() {
        let claims = claims(80);
        let bad = spoilt(&claims, &[12, 70]);
        for (ends, held) in [(&[][..], 0), (&[10], 10), (&[10, 60, 75], 15), (&[12, 13], 12)] {
            let verifier = Verifier::new(2);
            verifier.verify(&bad, ends).unwrap_err();
            assert_eq!(verifier.cache().len(), held, "{ends:?}");
            // What was not looked at is looked at now.
            let again = verifier.verify(&bad, &each(80));
            assert_eq!(again, verify_all(&bad), "{ends:?}");
            assert_eq!(verifier.cache().len(), 78, "{ends:?}");
        }
    }
}
