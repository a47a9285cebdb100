use crate::{Claim, Domain, Hash, InvalidClaim, InvalidClaims};
use alloc::{collections::BTreeSet, vec::Vec};

const CLAIM: Domain = Domain::new("isonomy signature cache 1");

/// Remembers claims that held, so that a signature seen in the mempool is not verified again in a
/// block. Whether a claim holds depends on nothing but the claim, so it is forgotten for room alone,
/// the older half at once.
///
/// ```
/// use isonomy_crypto::{Claim, Domain, Secret, SignatureCache, verify_all};
///
/// let secret = Secret::from_bytes(&[7; 32])?;
/// let digest = Domain::new("example message 1").hash(b"hello");
/// let claim = Claim { key: secret.public(), digest, signature: secret.sign(&digest, &[0; 32])? };
///
/// let mut cache = SignatureCache::new(1_000);
/// let unknown = cache.unknown(&[claim]);
/// let verified = unknown.verify(verify_all);
/// cache.insert(&unknown.held(&verified));
/// verified?;
/// assert!(cache.unknown(&[claim]).claims().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SignatureCache {
    recent: BTreeSet<Hash>,
    former: BTreeSet<Hash>,
    /// Of each half.
    limit: usize,
}

impl SignatureCache {
    /// Remembers at most `limit` claims, of some 40 bytes each; of a limit below two, none.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { recent: BTreeSet::new(), former: BTreeSet::new(), limit: limit / 2 }
    }

    /// Those of `claims` that are not known to hold.
    #[must_use]
    pub fn unknown(&self, claims: &[Claim]) -> UnknownClaims {
        let unknown = claims.iter().enumerate().filter(|(_, claim)| {
            let name = name(claim);
            !self.recent.contains(&name) && !self.former.contains(&name)
        });
        let (claims, places) = unknown.map(|(place, claim)| (*claim, place)).unzip();
        UnknownClaims { claims, places }
    }

    /// These hold: somebody verified them.
    pub fn insert(&mut self, claims: &[Claim]) {
        for name in claims.iter().map(name) {
            if self.limit == 0 || self.recent.contains(&name) {
                continue;
            }
            if self.recent.len() >= self.limit {
                self.former = core::mem::take(&mut self.recent);
            }
            self.recent.insert(name);
        }
    }

    /// How many claims it remembers, those in both halves twice.
    #[must_use]
    pub fn len(&self) -> usize {
        self.recent.len().saturating_add(self.former.len())
    }

    /// Whether it remembers none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The claims of a list that a [`SignatureCache`] does not know to hold. Nothing is locked while they
/// are verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownClaims {
    claims: Vec<Claim>,
    /// Where each stands in the list.
    places: Vec<usize>,
}

impl UnknownClaims {
    /// The claims, in the order of the list.
    #[must_use]
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// Has them verified by `verify`, one that accepts what [`verify_all`](crate::verify_all) accepts.
    ///
    /// # Errors
    /// Its own, with the failing claims' places in the whole list.
    pub fn verify(
        &self,
        verify: impl FnOnce(&[Claim]) -> Result<(), InvalidClaims>,
    ) -> Result<(), InvalidClaims> {
        let Err(invalid) = verify(&self.claims) else { return Ok(()) };
        InvalidClaims::among(invalid.iter().map(|InvalidClaim { index, error }| InvalidClaim {
            index: self.places.get(index).copied().unwrap_or(index),
            error,
        }))
    }

    /// Those that held, by what [`verify`](Self::verify) came to.
    #[must_use]
    pub fn held(&self, verified: &Result<(), InvalidClaims>) -> Vec<Claim> {
        let invalid: BTreeSet<usize> = verified
            .as_ref()
            .err()
            .into_iter()
            .flat_map(InvalidClaims::iter)
            .map(|one| one.index)
            .collect();
        let held = self.claims.iter().zip(&self.places);
        held.filter(|(_, place)| !invalid.contains(place)).map(|(claim, _)| *claim).collect()
    }
}

/// Three fields of fixed length: one shape.
fn name(claim: &Claim) -> Hash {
    let mut hasher = CLAIM.hasher();
    hasher.update(claim.key.as_bytes()).update(claim.digest.as_bytes());
    hasher.update(claim.signature.as_bytes()).finalize()
}
