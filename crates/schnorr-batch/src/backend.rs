use crate::curve::Point;
use crate::digits::Digits;
#[cfg(target_arch = "x86_64")]
use crate::field::ifma;
use crate::field::{Affine, Element};
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
}

/// Runs with this thread's working memory, which it keeps: to get it from the system anew, page by
/// page, costs a fifth of the work. Without `std` it is new each time.
macro_rules! kept {
    ($field:ty, |$memory:ident| $work:expr) => {{
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
        KEPT.set(memory);
        done
    }};
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

    /// Fewer signatures than this are checked faster one by one.
    pub(crate) const fn least(self) -> usize {
        match self.0 {
            Kind::Portable => 4,
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma => 2,
        }
    }

    /// The width of a window for so many terms.
    pub(crate) const fn width(self, terms: usize) -> usize {
        match self.0 {
            Kind::Portable => match terms {
                0..=70 => 4,
                71..=250 => 5,
                251..=500 => 6,
                501..=1200 => 7,
                1201..=5000 => 8,
                5001..=8000 => 10,
                _ => 11,
            },
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma => match terms {
                0..=120 => 4,
                121..=250 => 5,
                251..=500 => 6,
                501..=1000 => 7,
                1001..=4000 => 8,
                4001..=8000 => 10,
                _ => 11,
            },
        }
    }

    pub(crate) fn lift(self, points: &mut [Affine], on_curve: &mut [bool]) {
        match self.0 {
            Kind::Portable => crate::lift::lift::<Element>(points, on_curve),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma => ifma::lift(points, on_curve),
        }
    }

    pub(crate) fn endomorphism(self, points: &[Affine], images: &mut [Affine]) {
        match self.0 {
            Kind::Portable => crate::lift::endomorphism::<Element>(points, images),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma => ifma::endomorphism(points, images),
        }
    }

    pub(crate) fn window_sums(
        self,
        points: &[Affine],
        digits: &Digits,
        windows: Range<usize>,
    ) -> Vec<Point> {
        match self.0 {
            Kind::Portable => kept!(Element, |memory| {
                crate::windows::window_sums(memory, points, digits, windows)
            }),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma => {
                kept!(ifma::Ifma, |memory| { ifma::window_sums(memory, points, digits, windows) })
            }
        }
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
        })
    }
}
