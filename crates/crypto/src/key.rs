use crate::signature::verify_message;
use crate::{Hash, Signature, hex};
use borsh::{BorshDeserialize, BorshSerialize};
use core::fmt;
use k256::schnorr::{SigningKey, VerifyingKey};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// The bytes of a BIP340 x-only public key, not yet known to be on the curve.
///
/// Its order is that of its bytes. Encoded it is its 32 bytes; for people, 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Takes any bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, borrowed.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether it is the x-coordinate of a point on the curve. Costs a square root.
    pub fn is_valid(&self) -> bool {
        self.to_point().is_some()
    }

    pub(crate) fn to_point(self) -> Option<VerifyingKey> {
        VerifyingKey::from_slice(&self.0).ok()
    }
}

hex::text!(PublicKey);

/// A secret key. It is wiped when dropped, and prints nothing of itself.
#[derive(Clone)]
pub struct Secret {
    /// As given: k256 negates a key whose public half has an odd y.
    bytes: Zeroizing<[u8; 32]>,
    pair: SigningKey,
}

impl Secret {
    /// Takes a big-endian scalar.
    ///
    /// # Errors
    /// Refuses zero, and values not below the group's order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SecretError> {
        if bytes == &[0; 32] {
            return Err(SecretError::Zero);
        }
        let pair = SigningKey::from_slice(bytes).map_err(|_| SecretError::BeyondOrder)?;
        Ok(Self { bytes: Zeroizing::new(*bytes), pair })
    }

    /// Draws 32 bytes until they are a secret key: at once, but for a chance of about 2⁻¹²⁸.
    ///
    /// A source stuck on zeros keeps it here for ever.
    pub fn generate(rng: &mut impl rand_core::CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        loop {
            rng.fill_bytes(bytes.as_mut());
            if let Ok(secret) = Self::from_bytes(&bytes) {
                return secret;
            }
        }
    }

    /// The bytes it was made from, in a wrapper that wipes them when dropped.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.bytes.clone()
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey((*self.pair.verifying_key()).to_bytes().into())
    }

    /// Signs `digest` as BIP340 does, its 32 bytes being the message.
    ///
    /// The nonce is derived from key, digest and `aux`, so it repeats only where all three do, and
    /// then so does the signature. `aux` is the BIP's auxiliary randomness: it hardens against
    /// side channels; zeros are safe.
    ///
    /// # Errors
    /// [`SignError::Unverified`] when the signature made does not verify, which BIP340 has a signer
    /// check: a miscomputed one could give the key away.
    pub fn sign(&self, digest: &Hash, aux: &[u8; 32]) -> Result<Signature, SignError> {
        // impossible: attack 16, because no public key is taken: k256 hashes the key's own.
        self.sign_message(digest.as_bytes(), aux)
    }

    pub(crate) fn sign_message(
        &self,
        message: &[u8],
        aux: &[u8; 32],
    ) -> Result<Signature, SignError> {
        let signature = self.pair.sign_raw(message, aux).map_err(|_| SignError::Unverified)?;
        let signature = Signature::from_bytes(signature.to_bytes());
        verify_message(&self.public(), message, &signature).map_err(|_| SignError::Unverified)?;
        Ok(signature)
    }
}

impl ZeroizeOnDrop for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Why bytes are not a [`Secret`]. It does not repeat them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SecretError {
    /// They are zero, whose public half would be the point at infinity.
    #[error("a secret key of zero")]
    Zero,
    /// They are not below the group's order.
    #[error("a secret key not below the group's order")]
    BeyondOrder,
}

/// Why nothing was signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignError {
    /// The signature made is not valid: the machine miscomputed, or the nonce came out as zero, which
    /// has a chance of 2⁻²⁵⁶.
    #[error("the signature made does not verify")]
    Unverified,
}
