use crate::curve::Point;
use crate::digits::Digits;
#[cfg(target_arch = "x86_64")]
use crate::field::ifma;
use crate::field::{Affine, Element};
#[cfg(feature = "measure")]
use crate::measure::{self, Counted};
use crate::windows::Memory;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

/// Which instructions the arithmetic uses. All give the same verdicts.
///
/// A value exists only where the processor has what it names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Backend(Kind);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Ifma,
    /// What one of the others does, and counted.
    #[cfg(feature = "measure")]
    Counted {
        wide: bool,
    },
}

/// Terms of the largest sum whose working memory a thread keeps: those of some 20 000 signatures, 5 MiB.
#[cfg(feature = "std")]
const KEPT_TERMS_MAX: usize = 1 << 16;

/// Runs with this thread's working memory, which it keeps: to get it from the system anew, page by
/// page, costs a fifth of the work. Without `std`, and for more terms, it is new each time.
macro_rules! kept {
    ($field:ty, $terms:expr, |$memory:ident| $work:expr) => {{
        #[cfg(feature = "std")]
        std::thread_local! {
            static KEPT: core::cell::Cell<Memory<$field>> = Default::default();
        }
        #[cfg(feature = "std")]
        let mut memory = KEPT.take();
        #[cfg(not(feature = "std"))]
        let mut memory = Memory::<$field>::default();
        let $memory = &mut memory;
        let done = $work;
        #[cfg(feature = "std")]
        if $terms <= KEPT_TERMS_MAX {
            KEPT.set(memory);
        }
        done
    }};
}

/// Runs `generic` on the kind's field, or `ifma`, which enables the instructions first.
macro_rules! on {
    ($kind:expr, $field:ident, $generic:expr, $ifma:expr) => {
        match $kind {
            Kind::Portable => {
                type $field = Element;
                $generic
            }
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma => $ifma,
            #[cfg(feature = "measure")]
            Kind::Counted { wide: false } => {
                type $field = Counted<1>;
                $generic
            }
            #[cfg(feature = "measure")]
            Kind::Counted { wide: true } => {
                type $field = Counted<8>;
                $generic
            }
        }
    };
}

impl Backend {
    /// Plain Rust, which every processor runs.
    pub const PORTABLE: Self = Self(Kind::Portable);

    /// AVX-512 IFMA, eight field elements at a time; none where the processor lacks it.
    #[must_use]
    pub fn ifma() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if ifma::available() {
            return Some(Self(Kind::Ifma));
        }
        None
    }

    /// The fastest the processor has.
    #[must_use]
    pub fn best() -> Self {
        Self::ifma().unwrap_or(Self::PORTABLE)
    }

    /// Whether it has several lanes.
    const fn wide(self) -> bool {
        match self.0 {
            Kind::Portable => false,
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma => true,
            #[cfg(feature = "measure")]
            Kind::Counted { wide } => wide,
        }
    }

    /// Fewer signatures than this are checked faster one by one.
    pub(crate) const fn least(self) -> usize {
        if self.wide() { 2 } else { 4 }
    }

    /// The width of a window for so many terms.
    pub(crate) const fn width(self, terms: usize) -> usize {
        if self.wide() {
            match terms {
                0..=120 => 4,
                121..=250 => 5,
                251..=500 => 6,
                501..=1000 => 7,
                1001..=4000 => 8,
                4001..=8000 => 10,
                _ => 11,
            }
        } else {
            match terms {
                0..=70 => 4,
                71..=250 => 5,
                251..=500 => 6,
                501..=1200 => 7,
                1201..=5000 => 8,
                5001..=8000 => 10,
                _ => 11,
            }
        }
    }

    pub(crate) fn lift(self, points: &mut [Affine], on_curve: &mut [bool]) {
        on!(self.0, F, crate::lift::lift::<F>(points, on_curve), ifma::lift(points, on_curve));
    }

    pub(crate) fn endomorphism(self, points: &[Affine], images: &mut [Affine]) {
        on!(
            self.0,
            F,
            crate::lift::endomorphism::<F>(points, images),
            ifma::endomorphism(points, images)
        );
    }

    pub(crate) fn window_sums(
        self,
        points: &[Affine],
        digits: &Digits,
        windows: Range<usize>,
    ) -> Vec<Point> {
        on!(
            self.0,
            F,
            kept!(F, points.len(), |memory| crate::windows::window_sums(
                memory, points, digits, windows
            )),
            kept!(ifma::Ifma, points.len(), |memory| ifma::window_sums(
                memory, points, digits, windows
            ))
        )
    }

    /// The same, counted.
    #[cfg(feature = "measure")]
    pub(crate) const fn counting(self) -> Self {
        Self(Kind::Counted { wide: self.wide() })
    }

    /// Products, or squares, in chains.
    #[cfg(feature = "measure")]
    pub(crate) fn repeat(self, times: u64, products: bool) {
        on!(self.0, F, measure::repeat::<F>(times, products), ifma::repeat(times, products));
    }
}

impl Default for Backend {
    fn default() -> Self {
        Self::best()
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma => "ifma",
            #[cfg(feature = "measure")]
            Kind::Counted { .. } => "counted",
        })
    }
}
