//! One signature at a time, by k256 alone: what the batch must agree with, and asks when in doubt.
use crate::field::to_bytes;
use crate::item::{Item, ItemKey};
use crate::verdict::Flaw;
use k256::elliptic_curve::point::AffineCoordinates;
use k256::schnorr::{Signature, VerifyingKey};
use k256::{AffinePoint, PublicKey};

/// Verifies one signature as BIP340 does. Batches agree with it.
///
/// # Errors
/// Tells what is wrong.
pub fn verify(item: &Item<'_>) -> Result<(), Flaw> {
    let key = match &item.key {
        ItemKey::Bytes(bytes) => VerifyingKey::from_slice(bytes).ok(),
        ItemKey::Parsed(key) => {
            let (x, y) = (to_bytes(&key.0.x).into(), to_bytes(&key.0.y).into());
            let point = Option::<AffinePoint>::from(AffinePoint::from_coordinates(&x, &y));
            point.and_then(|point| VerifyingKey::try_from(PublicKey::from_affine(point).ok()?).ok())
        }
    };
    let key = key.ok_or(Flaw::Key)?;
    let signature = Signature::from_bytes(item.signature).map_err(|_| Flaw::Malformed)?;
    key.verify_raw(item.message, &signature).map_err(|_| Flaw::Wrong)
}
