//! Arithmetic modulo p = 2²⁵⁶ − 2³² − 977, several elements side by side.
#[cfg(target_arch = "x86_64")]
pub(crate) mod ifma;
mod inverse;
pub(crate) mod portable;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use portable::Element;

/// An integer below 2²⁵⁶, least significant limb first.
pub(crate) type Limbs = [u64; 4];

/// The field's modulus.
pub(crate) const P: Limbs = [0xFFFF_FFFE_FFFF_FC2F, u64::MAX, u64::MAX, u64::MAX];
/// 2²⁵⁶ − p: what a carry out of the 256th bit is worth.
pub(crate) const FOLD: u64 = 0x1_0000_03D1;
/// No back end has more lanes: a mask of lanes is a `u8`.
pub(crate) const MAX_LANES: usize = 8;

/// [`Field::LANES`] field elements side by side. A mask has a bit for each lane, lane 0 lowest.
///
/// Every value is weakly normalised: its back end's head says what that means, that every operation
/// accepts such values and that every operation returns one. So operations combine freely.
pub(crate) trait Field: Copy {
    /// How many elements, at most [`MAX_LANES`].
    const LANES: usize;
    /// The mask of all lanes.
    const ALL: u8 = u8::MAX >> (MAX_LANES - Self::LANES);

    /// The same element in every lane.
    fn splat(value: &Limbs) -> Self;
    /// Each lane's element, any integer below 2²⁵⁶.
    fn gather<'a>(lane: impl Fn(usize) -> &'a Limbs) -> Self;
    /// Asks for a point to be brought into the cache.
    #[inline(always)]
    fn fetch(_point: &Affine) {}
    /// Each lane's element, below p. Entries past the lanes are zero.
    fn scatter(self) -> [Limbs; MAX_LANES];
    /// `yes` in the lanes of the mask, `no` elsewhere.
    fn select(mask: u8, yes: Self, no: Self) -> Self;
    /// The lanes that are zero modulo p.
    fn zeros(self) -> u8;
    /// The lanes whose value below p is odd.
    fn odds(self) -> u8;
    /// The sum.
    fn add(self, other: Self) -> Self;
    /// The difference.
    fn sub(self, other: Self) -> Self;
    /// The product.
    fn mul(self, other: Self) -> Self;
    /// The square.
    fn square(self) -> Self;
    /// The product with 2, 3, 8 or 21.
    fn times<const K: u64>(self) -> Self;

    /// The negation in the lanes of the mask, the same elsewhere.
    #[inline(always)]
    fn negate_if(self, mask: u8) -> Self {
        Self::select(mask, Self::splat(&[0; 4]).sub(self), self)
    }

    /// `self · other − less`.
    #[inline(always)]
    fn mul_sub(self, other: Self, less: Self) -> Self {
        self.mul(other).sub(less)
    }

    /// `self · (of − less)`.
    #[inline(always)]
    fn mul_difference(self, of: Self, less: Self) -> Self {
        self.mul(of.sub(less))
    }

    /// `self · (of − less) − and`.
    #[inline(always)]
    fn mul_difference_sub(self, of: Self, less: Self, and: Self) -> Self {
        self.mul(of.sub(less)).sub(and)
    }

    /// `self² − less − and`.
    #[inline(always)]
    fn square_sub(self, less: Self, and: Self) -> Self {
        self.square().sub(less).sub(and)
    }

    /// `self · other + a · b`.
    #[inline(always)]
    fn mul_add_mul(self, other: Self, a: Self, b: Self) -> Self {
        self.mul(other).add(a.mul(b))
    }

    /// `self · other − a · b`.
    #[inline(always)]
    fn mul_sub_mul(self, other: Self, a: Self, b: Self) -> Self {
        self.mul(other).sub(a.mul(b))
    }
}

/// A point of the curve, both coordinates below p. Nothing marks the point at infinity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C, align(64))]
pub(crate) struct Affine {
    pub(crate) x: Limbs,
    pub(crate) y: Limbs,
}

/// Whether `a < b`.
#[inline]
pub(crate) fn below(a: &Limbs, b: &Limbs) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

/// Reads 32 bytes, most significant first.
#[inline]
pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Limbs {
    let mut limbs = [0; 4];
    for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.as_chunks::<8>().0) {
        *limb = u64::from_be_bytes(*chunk);
    }
    limbs
}

/// Writes 32 bytes, most significant first.
pub(crate) fn to_bytes(limbs: &Limbs) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (limb, chunk) in limbs.iter().rev().zip(bytes.as_chunks_mut::<8>().0) {
        *chunk = limb.to_be_bytes();
    }
    bytes
}
