//! The search for what makes a sum wrong.
use super::{Found, Judge};
use crate::curve::Point;
use crate::equation::Equation;
use alloc::vec::Vec;
use core::ops::Range;

impl Judge<'_> {
    /// Finds what makes a sum wrong: halves until few are left. The second half's sum is what the first's
    /// lacks.
    pub(super) fn bisect(
        &self,
        equation: &mut Equation,
        places: &[usize],
        range: Range<usize>,
        sum: Point,
        found: &mut Found,
    ) {
        if self.is_spoilt(&places[range.clone()], found) {
            return;
        }
        if self.few(range.len() / 2) {
            // What was set aside has been checked.
            let in_sum = range.filter(|at| equation.parts[*at].coefficient != 0);
            let in_sum: Vec<usize> = in_sum.map(|at| places[at]).collect();
            self.singly(&in_sum, found);
            return;
        }
        let middle = range.start + range.len() / 2;
        let first = equation.sum(range.start..middle);
        let second = sum.add(first.negate());
        if !first.is_infinity() {
            self.bisect(equation, places, range.start..middle, first, found);
        }
        if !second.is_infinity() {
            self.bisect(equation, places, middle..range.end, second, found);
        }
    }
}
