//! Field elements that count what is done with them.
use crate::field::{Element, Field, Limbs, MAX_LANES};
use core::cell::Cell;

/// How often was done what costs most.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// Products of two elements.
    pub products: u64,
    /// Squares.
    pub squares: u64,
}

std::thread_local! {
    static COUNT: Cell<Count> = const { Cell::new(Count { products: 0, squares: 0 }) };
}

/// What [`counting`](super::counting) back ends do on this thread during `work`. All lanes count,
/// also those that have nothing to do.
pub fn count(work: impl FnOnce()) -> Count {
    let before = COUNT.take();
    work();
    COUNT.replace(before)
}

fn add(products: usize, squares: usize) {
    let mut count = COUNT.get();
    count.products += products as u64;
    count.squares += squares as u64;
    COUNT.set(count);
}

/// So many elements, one after another.
#[derive(Clone, Copy)]
pub(crate) struct Counted<const LANES: usize>([Element; LANES]);

impl<const LANES: usize> Counted<LANES> {
    fn with(self, other: Self, of: impl Fn(Element, Element) -> Element) -> Self {
        Self(core::array::from_fn(|lane| of(self.0[lane], other.0[lane])))
    }

    fn mask(self, of: impl Fn(Element) -> u8) -> u8 {
        let bits = self.0.into_iter().enumerate().map(|(lane, element)| of(element) << lane);
        bits.fold(0, |mask, bit| mask | bit)
    }
}

impl<const LANES: usize> Field for Counted<LANES> {
    const LANES: usize = LANES;

    fn splat(value: &Limbs) -> Self {
        Self([Element::splat(value); LANES])
    }

    fn gather<'a>(lane: impl Fn(usize) -> &'a Limbs) -> Self {
        Self(core::array::from_fn(|at| Element::new(*lane(at))))
    }

    fn scatter(self) -> [Limbs; MAX_LANES] {
        core::array::from_fn(|at| self.0.get(at).map_or([0; 4], |element| element.normalised()))
    }

    fn select(mask: u8, yes: Self, no: Self) -> Self {
        Self(core::array::from_fn(|lane| Element::select(mask >> lane, yes.0[lane], no.0[lane])))
    }

    fn zeros(self) -> u8 {
        self.mask(Element::zeros)
    }

    fn odds(self) -> u8 {
        self.mask(Element::odds)
    }

    fn add(self, other: Self) -> Self {
        self.with(other, Element::add)
    }

    fn sub(self, other: Self) -> Self {
        self.with(other, Element::sub)
    }

    fn mul(self, other: Self) -> Self {
        add(LANES, 0);
        self.with(other, Element::mul)
    }

    fn square(self) -> Self {
        add(0, LANES);
        Self(self.0.map(Element::square))
    }

    fn times<const K: u64>(self) -> Self {
        Self(self.0.map(Element::times::<K>))
    }
}
