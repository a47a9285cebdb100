//! The inverse modulo p by Bernstein and Yang's division steps (2019, "safegcd"), 62 at a time, in
//! variable time; the batching of steps and their bounds are libsecp256k1's (`modinv64_impl.h`).
//!
//! Numbers here are signed, in five limbs of 62 bits, the uppermost of which carries the sign. Division
//! steps take (f, g) from (p, x) to (±1, 0) and (d, e) from (0, 1) along, so that f ≡ d·x all the while.
use super::Limbs;

type Signed = [i64; 5];

/// A limb's bits.
const MASK: u64 = u64::MAX >> 2;
/// p = 2⁸·2²⁴⁸ − (2³² + 977).
const P62: Signed = [-0x1_0000_03D1, 0, 0, 0, 256];
/// The inverse of p modulo 2⁶².
const P_INVERSE: u64 = 0x27C7_F6E2_2DDA_CACF;

/// The inverse of an integer below p, below p; of zero, zero.
pub(super) fn inverse(value: &Limbs) -> Limbs {
    let (mut f, mut g) = (P62, widen(value));
    let (mut d, mut e) = ([0; 5], [1, 0, 0, 0, 0]);
    let mut eta = -1;
    while g != [0; 5] {
        let steps = Steps::of(&mut eta, f[0].cast_unsigned(), g[0].cast_unsigned());
        (d, e) = steps.apply_modulo(&d, &e);
        (f, g) = steps.apply(&f, &g);
    }
    finish(d, f[4] < 0)
}

/// What 62 division steps do to a pair of numbers: (u·f + v·g, q·f + r·g)/2⁶².
struct Steps {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

impl Steps {
    /// They depend on the lowest 62 bits of f and g alone. f is odd.
    fn of(eta: &mut i64, mut f: u64, mut g: u64) -> Self {
        let (mut u, mut v, mut q, mut r) = (1_u64, 0_u64, 0_u64, 1_u64);
        let mut left = 62;
        loop {
            let zeros = (g | u64::MAX << left).trailing_zeros();
            g >>= zeros;
            u <<= zeros;
            v <<= zeros;
            *eta -= i64::from(zeros);
            left -= zeros;
            if left == 0 {
                let [u, v, q, r] = [u, v, q, r].map(u64::cast_signed);
                return Self { u, v, q, r };
            }
            let swap = *eta < 0;
            if swap {
                *eta = -*eta;
                (f, g) = (g, f.wrapping_neg());
                (u, q) = (q, u.wrapping_neg());
                (v, r) = (r, v.wrapping_neg());
            }
            // A multiple of f that makes as many of g's lowest bits zero as eta allows.
            let bits = u64::MAX >> (64 - left.min((*eta + 1).min(62) as u32));
            let times = if swap {
                let inverse = f.wrapping_mul(f).wrapping_sub(2);
                f.wrapping_mul(g).wrapping_mul(inverse) & bits & 63
            } else {
                let inverse = f.wrapping_add((f.wrapping_add(1) & 4) << 1);
                inverse.wrapping_neg().wrapping_mul(g) & bits & 15
            };
            g = g.wrapping_add(f.wrapping_mul(times));
            q = q.wrapping_add(u.wrapping_mul(times));
            r = r.wrapping_add(v.wrapping_mul(times));
        }
    }

    /// To numbers that stay whole.
    fn apply(&self, f: &Signed, g: &Signed) -> (Signed, Signed) {
        (combine(self.u, f, self.v, g, 0), combine(self.q, f, self.r, g, 0))
    }

    /// To numbers modulo p, each above −2p and below p: multiples of p make them whole.
    fn apply_modulo(&self, d: &Signed, e: &Signed) -> (Signed, Signed) {
        let (d_sign, e_sign) = (d[4] >> 63, e[4] >> 63);
        let multiple = |by_d: i64, by_e: i64| {
            let least = (by_d & d_sign) + (by_e & e_sign);
            let low = by_d.wrapping_mul(d[0]).wrapping_add(by_e.wrapping_mul(e[0])).cast_unsigned();
            let more = P_INVERSE.wrapping_mul(low).wrapping_add(least.cast_unsigned()) & MASK;
            least - more.cast_signed()
        };
        let (of_d, of_e) = (multiple(self.u, self.v), multiple(self.q, self.r));
        (combine(self.u, d, self.v, e, of_d), combine(self.q, d, self.r, e, of_e))
    }
}

/// (a·x + b·y + c·p)/2⁶², which is whole.
fn combine(a: i64, x: &Signed, b: i64, y: &Signed, c: i64) -> Signed {
    let wide = |a: i64, b: i64| i128::from(a) * i128::from(b);
    let mut sum = 0;
    let mut limbs = [0; 5];
    for at in 0..5 {
        sum += wide(a, x[at]) + wide(b, y[at]) + wide(c, P62[at]);
        if at > 0 {
            limbs[at - 1] = (sum as u64 & MASK).cast_signed();
        }
        sum >>= 62;
    }
    limbs[4] = sum as i64;
    limbs
}

/// ±d, above −2p and below p, as an integer from 0 to p.
fn finish(mut d: Signed, negate: bool) -> Limbs {
    let add_p = |d: &mut Signed| {
        if d[4] < 0 {
            (0..5).for_each(|at| d[at] += P62[at]);
        }
    };
    add_p(&mut d);
    if negate {
        d = d.map(|limb| -limb);
    }
    carry(&mut d);
    add_p(&mut d);
    carry(&mut d);
    let [d0, d1, d2, d3, d4] = d.map(i64::cast_unsigned);
    [d0 | d1 << 62, d1 >> 2 | d2 << 60, d2 >> 4 | d3 << 58, d3 >> 6 | d4 << 56]
}

fn carry(limbs: &mut Signed) {
    for at in 0..4 {
        limbs[at + 1] += limbs[at] >> 62;
        limbs[at] &= MASK.cast_signed();
    }
}

fn widen([l0, l1, l2, l3]: &Limbs) -> Signed {
    let limbs = [*l0, l0 >> 62 | l1 << 2, l1 >> 60 | l2 << 4, l2 >> 58 | l3 << 6, l3 >> 56];
    limbs.map(|limb| (limb & MASK).cast_signed())
}
