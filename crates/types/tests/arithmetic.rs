//! Amounts and moments end at their ends: nothing wraps.
mod common;

use isonomy_types::{Amount, Intent, Mono};
use proptest::prelude::*;

const NEAR: [u128; 7] = [0, 1, 2, u128::MAX / 2, u128::MAX / 2 + 1, u128::MAX - 1, u128::MAX];

#[test]
fn amounts_near_the_ends() {
    for (a, b) in NEAR.into_iter().flat_map(|a| NEAR.map(|b| (a, b))) {
        let sum = (a <= u128::MAX - b).then(|| Amount(a + b));
        let difference = (a >= b).then(|| Amount(a - b));
        assert_eq!(Amount(a).checked_add(Amount(b)), sum);
        assert_eq!(Amount(a).checked_sub(Amount(b)), difference);
    }
    assert_eq!(Amount::MAX.checked_add(Amount(1)), None);
    assert_eq!(Amount::ZERO.checked_sub(Amount(1)), None);
    assert_eq!(Amount::default(), Amount::ZERO);
}

#[test]
fn the_dearest_transaction_has_a_fee() {
    let dearest = Intent { meter_limit: u64::MAX, price: u64::MAX, ..common::intent(&[]) };
    let want = u128::from(u64::MAX).checked_mul(u64::MAX.into());
    assert_eq!(Some(dearest.max_fee().0), want);
    assert_eq!(Amount::cost(u64::MAX, 0), Amount::ZERO);
}

#[test]
fn moments_end_at_the_end_of_time() {
    assert_eq!(Mono(u64::MAX).plus(1), Mono(u64::MAX));
    assert_eq!(Mono(1).plus(u64::MAX), Mono(u64::MAX));
    assert_eq!(Mono(5).plus(7), Mono(12));
    assert_eq!(Mono(12).since(Mono(5)), 7);
    assert_eq!(Mono(5).since(Mono(12)), 0);
    assert_eq!(Mono(0).since(Mono(u64::MAX)), 0);
}

proptest! {
    #[test]
    fn what_is_added_can_be_taken_back(a in any::<u128>(), b in any::<u128>()) {
        if let Some(sum) = Amount(a).checked_add(Amount(b)) {
            prop_assert_eq!(sum.checked_sub(Amount(b)), Some(Amount(a)));
        } else {
            prop_assert!(a > u128::MAX - b);
        }
    }

    #[test]
    fn a_cost_divides_again(units in 1_u64.., price in any::<u64>()) {
        let cost = Amount::cost(units, price).0;
        prop_assert_eq!((cost / u128::from(units), cost % u128::from(units)), (price.into(), 0));
    }
}
