//! Points of y² = x³ + 7 in projective coordinates, by the complete formulas of Renes, Costello and
//! Batina (2016, algorithms 7, 8 and 9 for a = 0): right for every pair of points, equal, opposite
//! or at infinity.
use crate::field::{Affine, Element, Field, Limbs};

/// The generator G (SEC 2, 2.4.1).
pub(crate) const GENERATOR: Affine = Affine {
    x: [0x59F2_815B_16F8_1798, 0x029B_FCDB_2DCE_28D9, 0x55A0_6295_CE87_0B07, 0x79BE_667E_F9DC_BBAC],
    y: [0x9C47_D08F_FB10_D4B8, 0xFD17_B448_A685_5419, 0x5DA4_FBFC_0E11_08A8, 0x483A_DA77_26A3_C465],
};

/// A point (X/Z, Y/Z) in each lane; at infinity where Z is zero.
#[derive(Clone, Copy)]
pub(crate) struct Projective<F> {
    pub(crate) x: F,
    pub(crate) y: F,
    pub(crate) z: F,
}

impl<F: Field> Projective<F> {
    #[inline(always)]
    pub(crate) fn infinity() -> Self {
        let zero = F::splat(&[0; 4]);
        Self { x: zero, y: F::splat(&[1, 0, 0, 0]), z: zero }
    }

    #[inline(always)]
    pub(crate) fn select(mask: u8, yes: Self, no: Self) -> Self {
        let of = |yes, no| F::select(mask, yes, no);
        Self { x: of(yes.x, no.x), y: of(yes.y, no.y), z: of(yes.z, no.z) }
    }

    #[inline(always)]
    pub(crate) fn add(self, other: Self) -> Self {
        let (xx, yy) = (self.x.mul(other.x), self.y.mul(other.y));
        let zz = self.z.mul(other.z);
        let xy = self.x.add(self.y).mul_sub(other.x.add(other.y), xx.add(yy));
        let yz = self.y.add(self.z).mul_sub(other.y.add(other.z), yy.add(zz));
        let xz = self.x.add(self.z).mul_sub(other.x.add(other.z), xx.add(zz));
        Self::finish([xx, yy, zz], [xy, yz, xz])
    }

    #[inline(always)]
    pub(crate) fn add_affine(self, x: F, y: F) -> Self {
        let (xx, yy) = (self.x.mul(x), self.y.mul(y));
        let xy = self.x.add(self.y).mul_sub(x.add(y), xx.add(yy));
        let yz = y.mul(self.z).add(self.y);
        let xz = x.mul(self.z).add(self.x);
        Self::finish([xx, yy, self.z], [xy, yz, xz])
    }

    /// Both additions from the six products on.
    #[inline(always)]
    fn finish([xx, yy, zz]: [F; 3], [xy, yz, xz]: [F; 3]) -> Self {
        let (xx3, zz21, xz21) = (xx.times::<3>(), zz.times::<21>(), xz.times::<21>());
        let (plus, minus) = (yy.add(zz21), yy.sub(zz21));
        Self {
            x: xy.mul_sub_mul(minus, yz, xz21),
            y: minus.mul_add_mul(plus, xz21, xx3),
            z: plus.mul_add_mul(yz, xx3, xy),
        }
    }

    #[inline(always)]
    pub(crate) fn double(self) -> Self {
        let yy = self.y.square();
        let zz21 = self.z.square().times::<21>();
        let (yy8, yz, xy2) = (yy.times::<8>(), self.y.mul(self.z), self.x.mul(self.y).times::<2>());
        let minus = yy.sub(zz21.times::<3>());
        Self { x: xy2.mul(minus), y: yy8.mul_add_mul(zz21, yy.add(zz21), minus), z: yz.mul(yy8) }
    }

    /// Each lane's point alone. Entries past the lanes are meaningless.
    #[inline(always)]
    pub(crate) fn scatter(self) -> [Point; crate::field::MAX_LANES] {
        let (x, y, z) = (self.x.scatter(), self.y.scatter(), self.z.scatter());
        core::array::from_fn(|lane| Point::new(&x[lane], &y[lane], &z[lane]))
    }
}

/// One projective point.
pub(crate) type Point = Projective<Element>;

impl Point {
    fn new(x: &Limbs, y: &Limbs, z: &Limbs) -> Self {
        Self { x: Element::splat(x), y: Element::splat(y), z: Element::splat(z) }
    }

    pub(crate) fn is_infinity(self) -> bool {
        self.z.zeros() == 1
    }

    pub(crate) fn negate(self) -> Self {
        Self { y: self.y.negate_if(1), ..self }
    }
}

/// The y of the curve's point with this x that is even, BIP340's `lift_x`; none off the curve.
pub(crate) fn lift(x: &Limbs) -> Option<Affine> {
    let mut point = [Affine { x: *x, y: [0; 4] }];
    let mut on_curve = [false];
    crate::lift::lift::<Element>(&mut point, &mut on_curve);
    on_curve[0].then_some(point[0])
}
