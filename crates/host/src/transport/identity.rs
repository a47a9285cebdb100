//! The key pair a node is known by.

use core::fmt;

use snow::error::InitStage;
use snow::params::DHChoice;
use snow::resolvers::{CryptoResolver, DefaultResolver};
use snow::types::Dh;
use zeroize::Zeroizing;

use super::TransportError;
use super::error::hex;

/// The X25519 key pair (RFC 7748) a node is known by to its peers. Its own copy of the secret is
/// wiped when it is dropped.
pub struct Identity {
    secret: Zeroizing<[u8; 32]>,
    public: [u8; 32],
}

impl Identity {
    /// Draws a new identity from the operating system's randomness.
    ///
    /// # Errors
    /// [`TransportError::Noise`] if the operating system gives no randomness.
    pub fn generate() -> Result<Self, TransportError> {
        let mut secret = Zeroizing::new([0; 32]);
        let mut random =
            DefaultResolver.resolve_rng().ok_or_else(|| missing(InitStage::GetRngImpl))?;
        random.try_fill_bytes(secret.as_mut_slice())?;
        Self::from_secret(*secret)
    }

    /// The identity of a secret. Every 32 bytes are one: X25519 clamps them.
    ///
    /// # Errors
    /// [`TransportError::Noise`] if `snow` was built without X25519.
    pub fn from_secret(secret: [u8; 32]) -> Result<Self, TransportError> {
        let secret = Zeroizing::new(secret);
        let mut curve = curve()?;
        curve.set(secret.as_slice());
        let mut public = [0; 32];
        public.copy_from_slice(curve.pubkey());
        curve.set(&[0; 32]);
        Ok(Self { secret, public })
    }

    /// The public key, by which peers know this node.
    pub fn public(&self) -> [u8; 32] {
        self.public
    }

    /// A copy of the secret, wiped when it is dropped.
    pub fn secret(&self) -> Zeroizing<[u8; 32]> {
        self.secret.clone()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", hex(&self.public))
    }
}

/// Whether `key` is a point of small order, for which every shared secret is zero and so no secret
/// key is needed. Clamped scalars are multiples of 8, so any of them shows it (RFC 7748, section 6.1).
pub(super) fn is_weak(key: &[u8; 32]) -> Result<bool, TransportError> {
    let mut curve = curve()?;
    curve.set(&[1; 32]);
    let mut shared = [0; 32];
    curve.dh(key, &mut shared)?;
    Ok(shared == [0; 32])
}

fn curve() -> Result<Box<dyn Dh>, TransportError> {
    DefaultResolver.resolve_dh(&DHChoice::Curve25519).ok_or_else(|| missing(InitStage::GetDhImpl))
}

fn missing(part: InitStage) -> TransportError {
    TransportError::Noise(part.into())
}
