//! From x-coordinates to points: BIP340's `lift_x`, many at once; and the curve's endomorphism.
use crate::field::{Affine, Field, Limbs};

/// A third root of one modulo p: (β·x, y) is λ·(x, y) (Guide to Elliptic Curve Cryptography, 3.76).
pub(crate) const BETA: Limbs =
    [0xC139_6C28_7195_01EE, 0x9CF0_4975_12F5_8995, 0x6E64_479E_AC34_34E9, 0x7AE9_6A2B_657C_0710];
/// Chains of squarings that run side by side, to hide the latency of a multiplication.
const CHAINS: usize = 3;

/// Fills in the even y of every point whose x is given, and tells which are on the curve; the y of
/// the others is meaningless. Every x is below p.
#[inline(always)]
pub(crate) fn lift<F: Field>(points: &mut [Affine], on_curve: &mut [bool]) {
    let chunks = points.chunks_mut(CHAINS * F::LANES);
    for (points, on_curve) in chunks.zip(on_curve.chunks_mut(CHAINS * F::LANES)) {
        let last = points.len() - 1;
        let mut cubes = [F::splat(&[0; 4]); CHAINS];
        for (chain, cube) in cubes.iter_mut().enumerate() {
            let x = F::gather(|lane| &points[last.min(chain * F::LANES + lane)].x);
            *cube = x.square().mul(x).add(F::splat(&[7, 0, 0, 0]));
        }
        let roots = root(cubes);
        for (chain, (root, cube)) in roots.into_iter().zip(cubes).enumerate() {
            let fits = root.square().sub(cube).zeros();
            let even = root.negate_if(root.odds()).scatter();
            let lanes = points.iter_mut().zip(on_curve.iter_mut()).skip(chain * F::LANES);
            for (lane, (point, on_curve)) in lanes.take(F::LANES).enumerate() {
                point.y = even[lane];
                *on_curve = fits >> lane & 1 == 1;
            }
        }
    }
}

/// The (p + 1)/4-th power: a square root, where there is one, since p ≡ 3 modulo 4. The exponent's
/// ones stand in runs of 223, 22 and 2.
#[inline(always)]
fn root<F: Field>(one: [F; CHAINS]) -> [F; CHAINS] {
    let two = mul(squares(one, 1), one);
    let three = mul(squares(two, 1), one);
    let six = mul(squares(three, 3), three);
    let nine = mul(squares(six, 3), three);
    let eleven = mul(squares(nine, 2), two);
    let run22 = mul(squares(eleven, 11), eleven);
    let run44 = mul(squares(run22, 22), run22);
    let run88 = mul(squares(run44, 44), run44);
    let run176 = mul(squares(run88, 88), run88);
    let run220 = mul(squares(run176, 44), run44);
    let run223 = mul(squares(run220, 3), three);
    let power = mul(squares(run223, 23), run22);
    squares(mul(squares(power, 6), two), 2)
}

#[inline(always)]
fn squares<F: Field>(mut chains: [F; CHAINS], times: usize) -> [F; CHAINS] {
    for _ in 0..times {
        for chain in &mut chains {
            *chain = chain.square();
        }
    }
    chains
}

#[inline(always)]
fn mul<F: Field>(mut chains: [F; CHAINS], other: [F; CHAINS]) -> [F; CHAINS] {
    for (chain, other) in chains.iter_mut().zip(other) {
        *chain = chain.mul(other);
    }
    chains
}

/// λ times each point.
#[inline(always)]
pub(crate) fn endomorphism<F: Field>(points: &[Affine], images: &mut [Affine]) {
    let beta = F::splat(&BETA);
    for (points, images) in points.chunks(F::LANES).zip(images.chunks_mut(F::LANES)) {
        let last = points.len() - 1;
        let x = F::gather(|lane| &points[last.min(lane)].x).mul(beta).scatter();
        for ((point, image), x) in points.iter().zip(images).zip(x) {
            *image = Affine { x, y: point.y };
        }
    }
}
