use crate::{Domain, Hash, PublicKey, hex};
use alloc::vec::Vec;
use borsh::{BorshDeserialize, BorshSerialize};
use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
use k256::schnorr;
use schnorr_batch::{Backend, Flaw, Invalid, Item, verify_batch, verify_bundles as verify_items};

const BATCH: Domain = Domain::new("isonomy signature batch 1");

/// Bytes of a claim: key, digest and signature.
const CLAIM_LEN: usize = PublicKey::LEN + Hash::LEN + Signature::LEN;

/// A BIP340 signature: the x-coordinate `r` of a point, then the scalar `s`, both big-endian.
///
/// These are bytes, not yet known to be a signature: [`Claim::verify`] tells. A valid one has
/// this one encoding only.
#[derive(Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Length in bytes.
    pub const LEN: usize = 64;

    /// Takes any bytes.
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The bytes, borrowed.
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

hex::text!(Signature);

/// One claim: `key` signed `digest`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim {
    /// Who is said to have signed.
    pub key: PublicKey,
    /// What is said to be signed. Its domain says for which use.
    pub digest: Hash,
    /// The evidence.
    pub signature: Signature,
}

impl Claim {
    /// Checks the signature as BIP340 does, the 32 bytes of `digest` being the message.
    ///
    /// # Errors
    /// Tells a key that is no point, bytes that are no signature, and a signature that is wrong.
    pub fn verify(&self) -> Result<(), ClaimError> {
        verify_message(&self.key, self.digest.as_bytes(), &self.signature)
    }
}

/// BIP340 verification. k256's `Verifier::verify` would hash the message first; the BIP does not.
pub(crate) fn verify_message(
    key: &PublicKey,
    message: &[u8],
    signature: &Signature,
) -> Result<(), ClaimError> {
    let key = key.to_point().ok_or(ClaimError::Key)?;
    let signature =
        schnorr::Signature::from_bytes(&signature.0).map_err(|_| ClaimError::Malformed)?;
    key.verify_raw(message, &signature).map_err(|_| ClaimError::Wrong)
}

/// Checks that every claim holds, all together: many cost a fraction of what each would alone. An
/// empty list holds.
///
/// # Errors
/// Names all that fail, and why each does.
pub fn verify_all(claims: &[Claim]) -> Result<(), InvalidClaims> {
    named(verify_batch(&items(claims), &mut coefficients(claims)))
}

/// The same of claims in bundles, each of which holds if all its claims do: the first up to the first of
/// `ends`, which rise, then up to the second, and so on; what is left is one more bundle.
///
/// Of a bundle that does not hold one failing claim is named, and no other looked for: a list that is one
/// bundle, without any `ends`, costs at most about twice what it does when it holds.
///
/// # Errors
/// Names a claim of each bundle that does not hold, and why it fails.
pub fn verify_bundles(claims: &[Claim], ends: &[usize]) -> Result<(), InvalidClaims> {
    named(verify_items(Backend::best(), &items(claims), ends, &mut coefficients(claims)))
}

/// [`verify_bundles`] on all threads of the rayon pool it is called in, else of the global one.
///
/// # Errors
/// Names a claim of each bundle that does not hold, and why it fails.
#[cfg(feature = "rayon")]
pub fn verify_bundles_parallel(claims: &[Claim], ends: &[usize]) -> Result<(), InvalidClaims> {
    let (items, rng) = (items(claims), &mut coefficients(claims));
    named(schnorr_batch::verify_bundles_parallel(Backend::best(), &items, ends, rng))
}

fn items(claims: &[Claim]) -> Vec<Item<'_>> {
    let item = |claim| {
        let Claim { key, digest, signature }: &Claim = claim;
        Item::new(*key.as_bytes(), digest.as_bytes(), &signature.0)
    };
    claims.iter().map(item).collect()
}

/// Drawn from all that is verified, as BIP340 recommends: a claim cannot be chosen for coefficients, as
/// it changes them, and the same list has the same verdict everywhere. Claims are of one length, so the
/// list is its own frame.
fn coefficients(claims: &[Claim]) -> ChaCha20Rng {
    let mut bytes = Vec::with_capacity(claims.len().saturating_mul(CLAIM_LEN));
    for Claim { key, digest, signature } in claims {
        bytes.extend_from_slice(key.as_bytes());
        bytes.extend_from_slice(digest.as_bytes());
        bytes.extend_from_slice(signature.as_bytes());
    }
    ChaCha20Rng::from_seed(*BATCH.hash(&bytes).as_bytes())
}

fn named(verified: Result<(), Invalid>) -> Result<(), InvalidClaims> {
    let invalid = verified.as_ref().err().map_or(&[][..], Invalid::flaws);
    InvalidClaims::among(invalid.iter().map(|(index, flaw)| InvalidClaim {
        index: *index,
        error: match flaw {
            Flaw::Key => ClaimError::Key,
            Flaw::Malformed => ClaimError::Malformed,
            Flaw::Wrong => ClaimError::Wrong,
        },
    }))
}

/// Why a [`Claim`] does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClaimError {
    /// The key is not the x-coordinate of a point on the curve.
    #[error("the key is not on the curve")]
    Key,
    /// The signature is out of range: `r` or `s` is zero, `r ≥ p` or `s ≥ n`.
    #[error("the signature is malformed: r or s is zero, r ≥ p or s ≥ n")]
    Malformed,
    /// The signature is not this key's over this digest.
    #[error("the signature is wrong")]
    Wrong,
}

/// A [`Claim`] of a list that does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("claim {index}: {error}")]
pub struct InvalidClaim {
    /// Its position, from zero.
    pub index: usize,
    /// What is wrong with it.
    pub error: ClaimError,
}

/// The claims of a list that do not hold, all or one of each bundle: at least one, by their positions,
/// ascending.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{first}, {} in all", .more.len().saturating_add(1))]
pub struct InvalidClaims {
    first: InvalidClaim,
    more: Vec<InvalidClaim>,
}

impl InvalidClaims {
    /// Fails if anything comes. What comes is ascending.
    ///
    /// # Errors
    /// With all that comes.
    pub fn among(invalid: impl IntoIterator<Item = InvalidClaim>) -> Result<(), Self> {
        let mut invalid = invalid.into_iter();
        match invalid.next() {
            None => Ok(()),
            Some(first) => Err(Self { first, more: invalid.collect() }),
        }
    }

    /// The first of them.
    #[must_use]
    pub const fn first(&self) -> InvalidClaim {
        self.first
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = InvalidClaim> {
        core::iter::once(self.first).chain(self.more.iter().copied())
    }
}
