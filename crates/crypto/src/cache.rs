use crate::{Claim, Domain, Hash, InvalidClaim, InvalidClaims};
use alloc::{collections::BTreeSet, vec, vec::Vec};

const CLAIM: Domain = Domain::new("isonomy signature cache 1");

/// Names in a set. More would take longer to look through; with fewer, some sets would overflow long
/// before others are full.
const WAYS: usize = 8;

/// Remembers claims that held, so that a signature seen in the mempool is not verified again in a
/// block. Whether a claim holds depends on nothing but the claim, so it is forgotten for room alone:
/// one goes when eight newer ones have come to its place, which their hashes choose.
///
/// ```
/// use isonomy_crypto::{Claim, Domain, Secret, SignatureCache, verify_bundles};
///
/// let secret = Secret::from_bytes(&[7; 32])?;
/// let digest = Domain::new("example message 1").hash(b"hello");
/// let claim = Claim { key: secret.public(), digest, signature: secret.sign(&digest, &[0; 32])? };
///
/// let mut cache = SignatureCache::new(1_000);
/// let unknown = cache.unknown(&[claim], &[]);
/// let verified = unknown.verify(verify_bundles);
/// cache.insert(&unknown.held(&verified));
/// verified?;
/// assert!(cache.unknown(&[claim], &[]).claims().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SignatureCache {
    /// Claims' names, each in the set of its first bytes, the newest first. Zeros name none.
    sets: Vec<[Hash; WAYS]>,
}

impl SignatureCache {
    /// Remembers at most `limit` claims, rounded down to eights, in 32 bytes each.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { sets: vec![[Hash::ZERO; WAYS]; limit / WAYS] }
    }

    /// Those of `claims` that are not known to hold, in the bundles that `ends` make of them: see
    /// [`verify_bundles`](crate::verify_bundles).
    #[must_use]
    pub fn unknown(&self, claims: &[Claim], ends: &[usize]) -> UnknownClaims {
        let mut unknown = UnknownClaims::default();
        let mut named = claims.iter().enumerate();
        CLAIM.hash_all_padded(claims, encode, |name| {
            let Some((place, claim)) = named.next() else { return };
            if self.set(&name).is_none_or(|set| !set.contains(&name)) {
                unknown.claims.push(*claim);
                unknown.places.push(place);
                unknown.names.push(name);
            }
        });
        let before = |end: &usize| unknown.places.partition_point(|place| place < end);
        unknown.ends = ends.iter().map(before).collect();
        unknown
    }

    /// These hold: somebody verified them.
    pub fn insert(&mut self, held: &HeldClaims) {
        for name in &held.names {
            let Some(at) = self.place(name) else { return };
            let Some(set) = self.sets.get_mut(at).filter(|set| !set.contains(name)) else {
                continue;
            };
            set.rotate_right(1);
            set[0] = *name;
        }
    }

    /// How many claims it remembers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sets.iter().flatten().filter(|name| **name != Hash::ZERO).count()
    }

    /// Whether it remembers none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn set(&self, name: &Hash) -> Option<&[Hash; WAYS]> {
        self.sets.get(self.place(name)?)
    }

    /// Whoever makes claims that meet in a set makes it forget others of them, which costs him a
    /// signature each and us a verification.
    fn place(&self, name: &Hash) -> Option<usize> {
        let first = name.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let place = first.checked_rem(u64::try_from(self.sets.len()).ok()?)?;
        usize::try_from(place).ok()
    }
}

/// The claims of a list that a [`SignatureCache`] does not know to hold. Nothing is locked while they
/// are verified.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UnknownClaims {
    claims: Vec<Claim>,
    /// Where each stands in the list.
    places: Vec<usize>,
    names: Vec<Hash>,
    /// Of their bundles.
    ends: Vec<usize>,
}

/// Claims that were verified and held, for [`SignatureCache::insert`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldClaims {
    names: Vec<Hash>,
}

impl UnknownClaims {
    /// The claims, in the order of the list.
    #[must_use]
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// Has them verified by `verify`, one that accepts what [`verify_bundles`](crate::verify_bundles)
    /// accepts.
    ///
    /// # Errors
    /// Its own, with the failing claims' places in the whole list.
    pub fn verify(
        &self,
        verify: impl FnOnce(&[Claim], &[usize]) -> Result<(), InvalidClaims>,
    ) -> Result<(), InvalidClaims> {
        let Err(invalid) = verify(&self.claims, &self.ends) else { return Ok(()) };
        InvalidClaims::among(invalid.iter().map(|InvalidClaim { index, error }| InvalidClaim {
            index: self.places.get(index).copied().unwrap_or(index),
            error,
        }))
    }

    /// Those that held, by what [`verify`](Self::verify) came to: none of a bundle in which one failed, as
    /// the others were not looked at.
    #[must_use]
    pub fn held(&self, verified: &Result<(), InvalidClaims>) -> HeldClaims {
        let bundle = |at: usize| self.ends.partition_point(|end| *end <= at);
        let invalid = verified.as_ref().err().into_iter().flat_map(InvalidClaims::iter);
        let spoilt = invalid.map(|one| self.places.partition_point(|place| *place < one.index));
        let spoilt: BTreeSet<usize> = spoilt.map(bundle).collect();
        let held = self.names.iter().enumerate().filter(|(at, _)| !spoilt.contains(&bundle(*at)));
        HeldClaims { names: held.map(|(_, name)| *name).collect() }
    }
}

impl HeldClaims {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// Three fields of fixed length, two whole blocks: one shape.
fn encode(claim: &&Claim, to: &mut Vec<u8>) {
    to.extend_from_slice(claim.key.as_bytes());
    to.extend_from_slice(claim.digest.as_bytes());
    to.extend_from_slice(claim.signature.as_bytes());
}
