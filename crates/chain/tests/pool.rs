//! The pool, case by case.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::*;
use isonomy_chain::*;
use isonomy_crypto::Hash;
use isonomy_types::Mono;
use std::collections::BTreeSet;

fn pool(transactions: usize, bytes: usize, per_account: usize) -> Pool {
    Pool::new(PoolLimits { transactions, bytes, per_account })
}

fn roomy() -> Pool {
    Pool::new(PoolLimits::default())
}

/// At height 0, every lane of the state standing at `next`.
fn insert_at(pool: &mut Pool, tx: &Tx, next: u64) -> Result<Inserted, PoolRefused> {
    pool.insert(tx.make(), &standing(tx.hands.len(), next), 0, Mono(0))
}

fn insert(pool: &mut Pool, tx: &Tx) -> Result<Inserted, PoolRefused> {
    insert_at(pool, tx, 0)
}

fn id(tx: &Tx) -> Hash {
    tx.make().id()
}

fn set(ids: &[Hash]) -> BTreeSet<Hash> {
    ids.iter().copied().collect()
}

fn chosen(pool: &Pool) -> Vec<Hash> {
    pool.candidates(usize::MAX, u64::MAX).iter().map(|tx| tx.id()).collect()
}

#[test]
fn a_lane_has_no_gap_and_nothing_spent() {
    let mut pool = roomy();
    let at = |seq| Tx::by(0, seq);
    assert_eq!(insert_at(&mut pool, &at(4), 5), Err(PoolRefused::Spent { got: 4, limit: 5 }));
    assert_eq!(insert_at(&mut pool, &at(6), 5), Err(PoolRefused::Gap { got: 6, limit: 5 }));
    assert_eq!(insert_at(&mut pool, &at(5), 5), Ok(Inserted::default()));
    assert_eq!(pool.next(&address(0), 0), Some(6));
    assert_eq!(insert_at(&mut pool, &at(5), 5), Err(PoolRefused::Known));
    assert_eq!(insert_at(&mut pool, &at(7), 5), Err(PoolRefused::Gap { got: 7, limit: 6 }));
    assert_eq!(insert_at(&mut pool, &at(6), 5), Ok(Inserted::default()));
    assert_eq!(pool.next(&address(0), 0), Some(7));
    assert_eq!(pool.next(&address(0), 1), None);
    assert_eq!(insert_at(&mut pool, &at(0).on(1), 0), Ok(Inserted::default()), "another lane");
    assert_eq!(pool.len(), 3);
}

#[test]
fn every_signers_lane_must_be_free_of_gaps() {
    let mut pool = roomy();
    let both = Tx::by(0, 1).and(1, 1);
    assert_eq!(insert(&mut pool, &both), Err(PoolRefused::Gap { got: 1, limit: 0 }));
    insert(&mut pool, &Tx::by(0, 0)).unwrap();
    assert_eq!(insert(&mut pool, &both), Err(PoolRefused::Gap { got: 1, limit: 0 }));
    insert(&mut pool, &Tx::by(1, 0)).unwrap();
    insert(&mut pool, &both).unwrap();
    assert_eq!((pool.next(&address(0), 0), pool.next(&address(1), 0)), (Some(2), Some(2)));
}

#[test]
fn what_no_block_to_come_may_hold_is_refused() {
    let mut pool = roomy();
    let standing = standing(1, 0);
    let tx = Tx::by(0, 0).expires(7);
    let late = pool.insert(tx.make(), &standing, 7, Mono(0));
    assert_eq!(late, Err(PoolRefused::Expired { got: 7, limit: 8 }));
    assert!(pool.insert(tx.make(), &standing, 6, Mono(0)).is_ok(), "the next block is the last");
    assert_eq!(pool.moved(&[], &[], 7, Mono(0)).dropped, [id(&tx)]);
}

#[test]
fn a_replacement_costs_a_tenth_more() {
    let table = [
        (0, 0, Some(1)),
        (0, 1, None),
        (1, 1, Some(2)),
        (1, 2, None),
        (9, 9, Some(10)),
        (9, 10, None),
        (10, 10, Some(11)),
        (10, 11, None),
        (11, 12, Some(13)),
        (11, 13, None),
        (100, 109, Some(110)),
        (100, 110, None),
        (u64::MAX - 1, u64::MAX, Some(u64::MAX)),
        (u64::MAX, u64::MAX, Some(u64::MAX)),
    ];
    for (old, new, limit) in table {
        let mut pool = roomy();
        let first = Tx::by(0, 0).send(1, 1).price(old);
        insert(&mut pool, &first).unwrap();
        let result = insert(&mut pool, &Tx::by(0, 0).send(2, 2).price(new));
        match limit {
            Some(limit) => {
                assert_eq!(result, Err(PoolRefused::Underpriced { got: new, limit }));
                assert!(pool.contains(&id(&first)));
            }
            None => assert_eq!(result.unwrap().replaced, [id(&first)], "{old} {new}"),
        }
    }
}

#[test]
fn a_replacement_drives_out_what_waited_for_the_replaced() {
    let mut pool = roomy();
    let chain: Vec<_> = (0..4).map(|seq| Tx::by(0, seq).price(10)).collect();
    let joint = Tx::by(1, 0).and(0, 4).price(50);
    let after = Tx::by(1, 1).price(50);
    let alone = Tx::by(2, 0).price(1);
    for tx in chain.iter().chain([&joint, &after, &alone]) {
        insert(&mut pool, tx).unwrap();
    }
    let new = Tx::by(0, 2).send(1, 1).price(200);
    let replaced = insert(&mut pool, &new).unwrap().replaced;
    assert_eq!(set(&replaced), set(&[&chain[2], &chain[3], &joint, &after].map(id)));
    assert_eq!(set(&pool.ids()), set(&[&chain[0], &chain[1], &new, &alone].map(id)));
    assert_eq!(pool.next(&address(0), 0), Some(3));
    assert_eq!(pool.next(&address(1), 0), None);
}

#[test]
fn one_that_takes_several_places_out_prices_each() {
    let mut pool = roomy();
    insert(&mut pool, &Tx::by(0, 0).price(10)).unwrap();
    insert(&mut pool, &Tx::by(1, 0).price(100)).unwrap();
    let both = |price| Tx::by(0, 0).and(1, 0).price(price);
    let under = PoolRefused::Underpriced { got: 109, limit: 110 };
    assert_eq!(insert(&mut pool, &both(109)), Err(under));
    assert_eq!(insert(&mut pool, &both(110)).unwrap().replaced.len(), 2);
    assert_eq!(pool.len(), 1);
}

#[test]
fn nothing_replaces_what_it_waits_for() {
    let mut pool = roomy();
    let joint = Tx::by(0, 0).and(1, 0).price(10);
    insert(&mut pool, &joint).unwrap();
    // It would take the place of `joint` on one lane, and come after it on the other.
    let tangled = Tx::by(0, 0).and(1, 1).price(100);
    assert_eq!(insert(&mut pool, &tangled), Err(PoolRefused::Gap { got: 1, limit: 0 }));
    assert_eq!(pool.ids(), [id(&joint)]);
}

#[test]
fn an_account_has_its_share_over_all_its_lanes() {
    let mut pool = pool(100, usize::MAX, 3);
    insert(&mut pool, &Tx::by(0, 0)).unwrap();
    insert(&mut pool, &Tx::by(0, 0).on(5)).unwrap();
    insert(&mut pool, &Tx::by(1, 0).and(0, 1)).unwrap();
    let full = PoolRefused::AccountFull { account: address(0), got: 4, limit: 3 };
    assert_eq!(insert(&mut pool, &Tx::by(0, 0).on(9).price(99)), Err(full));
    assert_eq!(insert(&mut pool, &Tx::by(2, 0).and(0, 2).price(99)), Err(full), "as a guest too");
    assert!(insert(&mut pool, &Tx::by(1, 1)).is_ok(), "others have theirs");
    assert!(insert(&mut pool, &Tx::by(0, 0).price(99)).is_ok(), "a replacement frees places");
    assert_eq!(pool.len(), 2);
}

#[test]
fn a_full_pool_lets_the_cheapest_go_for_what_pays_more() {
    let mut pool = pool(3, usize::MAX, 10);
    for (n, price) in [(0, 5), (1, 3), (2, 4)] {
        insert(&mut pool, &Tx::by(n, 0).price(price)).unwrap();
    }
    for price in [1, 3] {
        let full = PoolRefused::Full { got: price, limit: 3 };
        assert_eq!(insert(&mut pool, &Tx::by(3, 0).price(price)), Err(full));
    }
    let evicted = insert(&mut pool, &Tx::by(3, 0).price(4)).unwrap().evicted;
    assert_eq!(evicted, [id(&Tx::by(1, 0).price(3))]);
    // Of equals the last to come goes first.
    let evicted = insert(&mut pool, &Tx::by(4, 0).price(9)).unwrap().evicted;
    assert_eq!(evicted, [id(&Tx::by(3, 0).price(4))]);
    assert_eq!(pool.len(), 3);
}

#[test]
fn what_waits_for_something_cheap_is_worth_no_more_than_that() {
    let mut pool = pool(3, usize::MAX, 10);
    let (cheap, dear) = (Tx::by(0, 0).price(1), Tx::by(0, 1).price(1_000));
    insert(&mut pool, &cheap).unwrap();
    insert(&mut pool, &dear).unwrap();
    insert(&mut pool, &Tx::by(1, 0).price(2)).unwrap();
    // A third on that lane is worth 1 whatever it pays: it cannot drive out its own predecessor.
    let full = PoolRefused::Full { got: 1, limit: 1 };
    assert_eq!(insert(&mut pool, &Tx::by(0, 2).price(9_999)), Err(full));
    // The last of the lane goes first, so that no gap is left.
    assert_eq!(insert(&mut pool, &Tx::by(2, 0).price(5)).unwrap().evicted, [id(&dear)]);
    assert_eq!(insert(&mut pool, &Tx::by(3, 0).price(5)).unwrap().evicted, [id(&cheap)]);
}

#[test]
fn bytes_are_bounded_too() {
    let small = Tx::by(0, 0).price(1);
    let size = small.make().bytes();
    let mut pool = pool(100, size * 4, 10);
    for n in 0..4 {
        insert(&mut pool, &Tx::by(n, 0).price(u64::from(n) + 1)).unwrap();
    }
    assert_eq!(pool.bytes(), size * 4);
    let large = Tx::by(5, 0).act(9, vec![0; size]).price(3);
    assert!(large.make().bytes() > 2 * size && large.make().bytes() < 3 * size);
    let refused = insert(&mut pool, &large);
    assert_eq!(refused, Err(PoolRefused::Full { got: 3, limit: 3 }), "room takes three of them");
    let evicted = insert(&mut pool, &large.clone().price(4)).unwrap().evicted;
    assert_eq!(evicted.len(), 3);
    assert_eq!(pool.bytes(), size + large.make().bytes());
    let huge = Tx::by(6, 0).act(9, vec![0; size * 4]).price(u64::MAX);
    let full = PoolRefused::Full { got: u64::MAX, limit: u64::MAX };
    assert_eq!(insert(&mut pool, &huge), Err(full));
    assert_eq!(pool.len(), 2, "and nothing left for its sake");
}

#[test]
fn candidates_come_by_price_each_after_what_waits_before_it() {
    let mut pool = roomy();
    let lane: Vec<_> = [2, 50, 40].iter().zip(0..).map(|(p, s)| Tx::by(0, s).price(*p)).collect();
    let joint = Tx::by(1, 0).and(0, 3).price(90);
    let lone = Tx::by(2, 0).price(30);
    for tx in lane.iter().chain([&joint, &lone]) {
        insert(&mut pool, tx).unwrap();
    }
    let expected = [&lone, &lane[0], &lane[1], &lane[2], &joint].map(id);
    assert_eq!(chosen(&pool), expected);
}

#[test]
fn candidates_of_one_price_come_by_id() {
    let mut pool = roomy();
    for n in 0..PEOPLE {
        insert(&mut pool, &Tx::by(n, 0)).unwrap();
    }
    assert_eq!(chosen(&pool), pool.ids());
}

#[test]
fn candidates_fit_their_limits_and_pass_over_what_does_not() {
    let mut pool = roomy();
    let (big, after) =
        (Tx::by(0, 0).price(9).meter(900).act(9, vec![0; 500]), Tx::by(0, 1).price(8));
    let (small, last) = (Tx::by(1, 0).price(5).meter(100), Tx::by(2, 0).price(4).meter(100));
    for tx in [&big, &after, &small, &last] {
        insert(&mut pool, tx).unwrap();
    }
    let pick = |bytes, meter| -> Vec<Hash> {
        pool.candidates(bytes, meter).iter().map(|tx| tx.id()).collect()
    };
    let size = |tx: &Tx| tx.make().bytes();
    assert_eq!(pick(usize::MAX, 1_000), [id(&big), id(&small)]);
    assert_eq!(pick(usize::MAX, 899), [id(&small), id(&last)], "and nothing that waits for it");
    assert_eq!(pick(size(&small), u64::MAX), [id(&small)]);
    assert_eq!(pick(size(&small) + size(&last), u64::MAX), [id(&small), id(&last)]);
    assert!(pick(0, 0).is_empty());
}

#[test]
fn a_block_confirms_what_waited_and_clears_what_it_rules_out() {
    let mut pool = roomy();
    let (first, second, third) = (Tx::by(0, 0), Tx::by(0, 1), Tx::by(0, 2));
    let (rival, guest, other) = (Tx::by(1, 0), Tx::by(1, 1).and(2, 0), Tx::by(3, 0));
    for tx in [&first, &second, &third, &rival, &guest, &other] {
        insert(&mut pool, tx).unwrap();
    }
    // The block holds the first of one lane, another one than ours of the next, and one that never
    // waited here.
    let block = [first.make(), Tx::by(1, 0).send(2, 2).make(), Tx::by(5, 0).make()];
    let moved = pool.moved(&[], &block, 1, Mono(0));
    assert_eq!(moved.confirmed, [id(&first)]);
    assert_eq!(moved.returned, []);
    assert_eq!(set(&moved.dropped), set(&[id(&rival)]));
    assert_eq!(set(&pool.ids()), set(&[&second, &third, &guest, &other].map(id)));
    assert_eq!(pool.next(&address(5), 0), None);
    // What comes later builds on where the lanes stand now, whatever was true at admission.
    let spent = PoolRefused::Spent { got: 0, limit: 1 };
    assert_eq!(insert(&mut pool, &Tx::by(0, 0).price(99)), Err(spent));
}

#[test]
fn a_block_that_spends_ahead_of_what_waits_drops_it_with_all_that_follows() {
    let mut pool = roomy();
    let (low, high) = (Tx::by(0, 0), Tx::by(0, 1).and(1, 0));
    let after = Tx::by(1, 1);
    for tx in [&low, &high, &after] {
        insert(&mut pool, tx).unwrap();
    }
    let block = [Tx::by(0, 0).send(1, 1).make(), Tx::by(0, 1).send(1, 1).make()];
    let moved = pool.moved(&[], &block, 1, Mono(0));
    assert_eq!(set(&moved.dropped), set(&[&low, &high, &after].map(id)));
    assert!(pool.is_empty() && pool.bytes() == 0);
}

#[test]
fn a_reorganisation_brings_back_what_is_still_next() {
    let mut pool = roomy();
    let waits = Tx::by(0, 2);
    insert_at(&mut pool, &waits, 2).unwrap();
    let (zero, one) = (Tx::by(0, 0), Tx::by(0, 1));
    let (kept, lost) = (Tx::by(1, 0), Tx::by(2, 0));
    let left = [&zero, &one, &kept, &lost].map(Tx::make);
    let joined = [kept.make(), Tx::by(2, 0).send(1, 1).make()];
    let moved = pool.moved(&left, &joined, 3, Mono(0));
    assert_eq!(set(&moved.returned), set(&[&zero, &one].map(id)));
    assert_eq!((moved.confirmed, moved.dropped), (vec![], vec![]));
    assert_eq!(chosen(&pool), [&zero, &one, &waits].map(id));
    assert_eq!(pool.next(&address(1), 0), None, "its lane is where the new branch has it");

    // And back: the block is confirmed again, what waited stands where it stood.
    let moved = pool.moved(&joined, &left, 3, Mono(0));
    assert_eq!(set(&moved.confirmed), set(&[&zero, &one].map(id)));
    assert_eq!((moved.returned, moved.dropped), (vec![], vec![]));
    assert_eq!(pool.ids(), [id(&waits)]);
}

#[test]
fn what_comes_back_keeps_the_limits() {
    let mut pool = pool(3, usize::MAX, 2);
    let waits: Vec<_> = (1..4).map(|n| Tx::by(n, 0).price(u64::from(n) * 10)).collect();
    for tx in &waits {
        insert(&mut pool, tx).unwrap();
    }
    let left = [0, 1, 2].map(|seq| Tx::by(0, seq).price(100).make());
    let moved = pool.moved(&left, &[], 0, Mono(0));
    // Two are the account's share; the two cheapest that waited make room for them.
    assert_eq!(set(&moved.returned), set(&[left[0].id(), left[1].id()]));
    assert_eq!(set(&moved.dropped), set(&[id(&waits[0]), id(&waits[1])]));
    assert_eq!(pool.len(), 3);
}

#[test]
fn what_comes_back_too_late_takes_nobodys_room() {
    let mut pool = pool(10, usize::MAX, 1);
    let (late, early) = (Tx::by(0, 0).expires(3), Tx::by(0, 0).on(1));
    let moved = pool.moved(&[late.make(), early.make()], &[], 3, Mono(0));
    assert_eq!(moved.returned, [id(&early)]);
    assert_eq!(pool.ids(), [id(&early)]);
}

#[test]
fn what_is_replaced_makes_room_once() {
    let size = Tx::by(0, 0).make().bytes();
    let mut pool = pool(100, size * 4, 10);
    let small: Vec<_> = (0..4).map(|n| Tx::by(n, 0).price(u64::from(n) + 1)).collect();
    for tx in &small {
        insert(&mut pool, tx).unwrap();
    }
    // It takes the place of the cheapest, and the room of the next two.
    let large = Tx::by(0, 0).act(9, vec![0; size]).price(10);
    let Inserted { replaced, evicted } = insert(&mut pool, &large).unwrap();
    assert_eq!(replaced, [id(&small[0])]);
    assert_eq!(set(&evicted), set(&[id(&small[1]), id(&small[2])]));
    assert!(pool.bytes() <= size * 4);
}

#[test]
fn what_comes_back_cheap_makes_what_waits_for_it_cheap() {
    let mut pool = pool(3, usize::MAX, 10);
    insert_at(&mut pool, &Tx::by(0, 1).price(1_000), 1).unwrap();
    insert(&mut pool, &Tx::by(1, 0).price(50)).unwrap();
    pool.moved(&[Tx::by(0, 0).price(1).make()], &[], 0, Mono(0));
    let evicted = insert(&mut pool, &Tx::by(2, 0).price(60)).unwrap().evicted;
    assert_eq!(evicted, [id(&Tx::by(0, 1).price(1_000))], "the last of the cheap lane");
    // Once the cheap one is confirmed, its follower is worth its own price.
    let mut pool = self::pool(2, usize::MAX, 10);
    insert(&mut pool, &Tx::by(0, 0).price(1)).unwrap();
    insert(&mut pool, &Tx::by(0, 1).price(1_000)).unwrap();
    pool.moved(&[], &[Tx::by(0, 0).price(1).make()], 1, Mono(0));
    insert(&mut pool, &Tx::by(1, 0).price(50)).unwrap();
    let evicted = insert(&mut pool, &Tx::by(2, 0).price(60)).unwrap().evicted;
    assert_eq!(evicted, [id(&Tx::by(1, 0).price(50))]);
}

#[test]
fn dropping_takes_what_waits_for_it_along() {
    let mut pool = roomy();
    let chain: Vec<_> = (0..3).map(|seq| Tx::by(0, seq)).collect();
    chain.iter().for_each(|tx| drop(insert(&mut pool, tx).unwrap()));
    assert_eq!(set(&pool.drop(&[id(&chain[1]), Hash::ZERO])), set(&[id(&chain[1]), id(&chain[2])]));
    assert_eq!(pool.next(&address(0), 0), Some(1));
    assert_eq!(pool.drop(&[id(&chain[1])]), []);
    assert_eq!(pool.drop(&pool.ids()), [id(&chain[0])]);
    assert_eq!(pool.next(&address(0), 0), None);
    assert_eq!(pool.get(&id(&chain[0])), None);
}

#[test]
fn attack_23_the_same_nonce_in_a_batch_waits_once() {
    let mut pool = roomy();
    let batch: Vec<_> = (0..20).map(|n| Tx::by(0, 0).send(1, n + 1).price(7)).collect();
    let taken = batch.iter().filter(|tx| insert(&mut pool, tx).is_ok()).count();
    assert_eq!((taken, pool.len()), (1, 1));
    // Paying more and more, each takes the place of the one before: there is still one.
    for price in [8, 9, 10, 11, 13] {
        let more = Tx::by(0, 0).send(1, 1).price(price);
        let replaced = insert(&mut pool, &more).unwrap().replaced;
        assert_eq!((replaced.len(), pool.len()), (1, 1));
    }
    // Nor do two guests at one account spend its nonce twice.
    let mut pool = roomy();
    insert(&mut pool, &Tx::by(1, 0).and(0, 0).price(7)).unwrap();
    let under = PoolRefused::Underpriced { got: 7, limit: 8 };
    assert_eq!(insert(&mut pool, &Tx::by(2, 0).and(0, 0).price(7)), Err(under));
    assert_eq!(chosen(&pool).len(), 1);
}

#[test]
fn attack_74_nonces_of_the_future_purge_nothing() {
    let mut pool = pool(100, usize::MAX, 100);
    for n in 0..PEOPLE {
        insert(&mut pool, &Tx::by(n, 0).price(1)).unwrap();
    }
    let honest = pool.ids();
    for seq in 1..5_121 {
        let refused = insert(&mut pool, &Tx::by(100, seq).price(1_000_000));
        assert_eq!(refused, Err(PoolRefused::Gap { got: seq, limit: 0 }));
    }
    assert_eq!(pool.ids(), honest);
}

#[test]
fn attack_74_one_account_drives_out_no_more_than_its_share() {
    let mut pool = pool(100, usize::MAX, 10);
    for n in 0..100 {
        insert(&mut pool, &Tx::by(n, 0).price(1)).unwrap();
    }
    let taken = (0..5_120).filter(|seq| insert(&mut pool, &Tx::by(150, *seq).price(999)).is_ok());
    assert_eq!(taken.count(), 10);
    let honest = pool.ids().iter().filter(|id| pool.get(id).unwrap().intent().price == 1).count();
    assert_eq!(honest, 90);
}
