//! Random histories against plain maps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{PRODUCER, Shared, Tx, World, address, policy};
use isonomy_ledger::*;
use isonomy_types::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::collections::BTreeMap;

/// People 1 to 4 start with money, 5 does not.
const RICH: u128 = 400_000;
const REWARD: u128 = 50;

/// One transaction to be. Its nonces are next ones, shifted where `shift` says so.
#[derive(Clone, Debug)]
struct Plan {
    signers: Vec<(u8, u16)>,
    transfers: Vec<(u8, u8, Size)>,
    meter: u64,
    price: u64,
    spoil: Spoil,
}

#[derive(Clone, Copy, Debug)]
enum Size {
    Some(u128),
    All,
    Most,
    Maximum,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Spoil {
    Nothing,
    Gap,
    Replay,
    Stranger,
    Late,
    Cheap,
    NoSuchModule,
    Garbage,
}

/// The ledger as one would write it down on paper.
#[derive(Clone, Debug)]
struct Book {
    balances: BTreeMap<u8, u128>,
    lanes: BTreeMap<(u8, u16), u64>,
    supply: u128,
}

impl Book {
    fn new() -> Self {
        let balances: BTreeMap<_, _> = (1..=4).map(|n| (n, RICH)).collect();
        Self { balances, lanes: BTreeMap::new(), supply: 4 * RICH }
    }

    fn held(&self, n: u8) -> u128 {
        self.balances.get(&n).copied().unwrap_or(0)
    }

    /// Whether one could pay the other.
    fn pay(&mut self, from: u8, to: u8, amount: u128) -> bool {
        if amount == 0 || self.held(from) < amount {
            return false;
        }
        *self.balances.entry(from).or_default() -= amount;
        *self.balances.entry(to).or_default() += amount;
        true
    }

    fn tx(&self, plan: &Plan) -> Tx {
        let mut tx = Tx::by(1, 0).nobody().limit(plan.meter).price(plan.price);
        for (place, (person, lane)) in plan.signers.iter().enumerate() {
            let next = self.lanes.get(&(*person, *lane)).copied().unwrap_or(0);
            let seq = match plan.spoil {
                Spoil::Gap if place == 0 => next + 1,
                Spoil::Replay if place == 0 => next.saturating_sub(1),
                _ => next,
            };
            let key = if plan.spoil == Spoil::Stranger && place == 0 { 99 } else { *person };
            tx = tx.hand(address(*person), Nonce { lane: *lane, seq }, policy(key), &[key]);
        }
        for (by, to, size) in &plan.transfers {
            let by = by % plan.signers.len() as u8;
            tx = tx.send_by(by, *to, self.amount(plan.signers[usize::from(by)].0, *size));
        }
        match plan.spoil {
            Spoil::Late => tx.expires(0),
            Spoil::Cheap => tx.price(0),
            Spoil::NoSuchModule => tx.act(0, 77, Vec::new()),
            Spoil::Garbage => tx.act(0, assets::ID, vec![9]),
            _ => tx,
        }
    }

    /// As it looks before the transaction: that the fee is reserved first may make it too much.
    fn amount(&self, from: u8, size: Size) -> u128 {
        match size {
            Size::Some(amount) => amount,
            Size::All => self.held(from),
            Size::Most => self.held(from) / 2,
            Size::Maximum => u128::MAX,
        }
    }

    /// Whether it may be in a block of this base price now.
    fn admits(&self, tx: &Tx, shared: &Shared, plan: &Plan, base_price: u64) -> bool {
        let (spoil, people) = (plan.spoil, &plan.signers);
        let max_fee = u128::from(tx.meter_limit) * u128::from(tx.price);
        let lane = |hand: &common::Hand, (n, _): &(u8, u16)| {
            let nonce = hand.signer.nonce;
            nonce.seq == self.lanes.get(&(*n, nonce.lane)).copied().unwrap_or(0)
        };
        tx.price >= base_price
            && spoil != Spoil::Late
            && spoil != Spoil::Stranger
            && tx.meter_limit >= cost::intrinsic(shared)
            && tx.hands.iter().zip(people).all(|(hand, n)| lane(hand, n))
            && self.held(people[0].0) >= max_fee
    }

    /// What an admitted transaction does. What it used comes from its receipt: prices are another
    /// test's matter.
    fn apply(&mut self, tx: &Tx, plan: &Plan, receipt: &Receipt) -> Result<(), TestCaseError> {
        let payer = plan.signers[0].0;
        let max_fee = u128::from(tx.meter_limit) * u128::from(tx.price);
        for (person, lane) in &plan.signers {
            *self.lanes.entry((*person, *lane)).or_default() += 1;
        }
        *self.balances.entry(payer).or_default() -= max_fee;
        let mut after = self.clone();
        let moved = plan.transfers.iter().zip(&tx.actions).all(|((by, to, _), action)| {
            let call = assets::Call::decode_exact(&action.payload).unwrap();
            let assets::Call::Transfer { amount, .. } = call else { return false };
            let from = plan.signers[usize::from(by % plan.signers.len() as u8)].0;
            after.pay(from, *to, amount.0)
        });
        let sound = !matches!(plan.spoil, Spoil::NoSuchModule | Spoil::Garbage);
        let out_of_meter = receipt.code == 1;
        if out_of_meter {
            prop_assert_eq!(receipt.meter, tx.meter_limit);
        } else {
            prop_assert_eq!(receipt.code == 0, moved && sound, "{:?} {:?}", plan, receipt);
        }
        if receipt.code == 0 {
            prop_assert_eq!(receipt.events.len(), tx.actions.len());
            *self = after;
        } else {
            prop_assert!(receipt.events.is_empty());
        }
        let fee = u128::from(receipt.meter) * u128::from(tx.price);
        prop_assert_eq!(receipt.fee, Amount(fee));
        *self.balances.entry(payer).or_default() += max_fee - fee;
        Ok(())
    }

    /// The producer gets the fees and the reward, but for what is burned.
    fn end_block(&mut self, fees: u128, burned: u128) {
        *self.balances.entry(PRODUCER).or_default() += fees + REWARD - burned;
        self.supply = self.supply + REWARD - burned;
    }

    fn check(&self, world: &World) -> Result<(), TestCaseError> {
        for n in [1, 2, 3, 4, 5, PRODUCER] {
            prop_assert_eq!(world.balance(n), self.held(n), "person {}", n);
            let lanes = self.lanes.range((n, 0)..=(n, u16::MAX));
            let lanes: Vec<_> = lanes.map(|((_, lane), next)| (*lane, *next)).collect();
            let account = account(&*world.view(), &address(n)).unwrap();
            prop_assert_eq!(account, Account { policy: None, lanes });
        }
        // Invariant 7: nothing appears, nothing is lost, not even in accounts nobody looks at.
        prop_assert_eq!(world.supply(), self.supply);
        prop_assert_eq!(world.counted(), self.supply);
        Ok(())
    }
}

fn plan() -> impl Strategy<Value = Plan> {
    let size = prop_oneof![
        6 => (0u128..2_000).prop_map(Size::Some),
        2 => Just(Size::Most),
        1 => Just(Size::All),
        1 => Just(Size::Maximum),
    ];
    let transfers = proptest::collection::vec((0u8..3, 1u8..6, size), 0..4);
    let people = proptest::sample::subsequence(vec![1u8, 2, 3, 4, 5], 1..4).prop_shuffle();
    let lanes = proptest::array::uniform3(0u16..3);
    let spoil = prop_oneof![
        9 => Just(Spoil::Nothing),
        1 => Just(Spoil::Gap),
        1 => Just(Spoil::Replay),
        1 => Just(Spoil::Stranger),
        1 => Just(Spoil::Late),
        1 => Just(Spoil::Cheap),
        1 => Just(Spoil::NoSuchModule),
        1 => Just(Spoil::Garbage),
    ];
    let meter = prop_oneof![3 => Just(40_000u64), 1 => 3_000u64..12_000];
    (people, lanes, transfers, meter, 1u64..4, spoil).prop_map(
        |(people, lanes, transfers, meter, price, spoil)| Plan {
            signers: people.into_iter().zip(lanes).collect(),
            transfers,
            meter,
            price,
            spoil,
        },
    )
}

/// A small block, of which some transactions are more than the target, and prices that matter.
fn fees() -> impl Strategy<Value = Params> {
    let shares = (100..=500_u32, 10..=500_u32, prop_oneof![Just(0), Just(1_000), 0..=1_000_u32]);
    (1_000..4_000_u64, shares).prop_map(|(base_fee, (target, change, burned))| Params {
        body_meter: 500_000,
        base_fee,
        target_per_mille: target,
        change_per_mille: change,
        burned_per_mille: burned,
        ..Params::default()
    })
}

/// Every refusal and every outcome that the histories are about does occur in them.
#[test]
fn the_histories_are_about_something() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    let mut draw = || plan().new_tree(&mut runner).unwrap().current();
    for _ in 0..400 {
        let world = World::coins(&[(1, RICH), (2, RICH), (3, RICH), (4, RICH)], REWARD);
        let offered: Vec<_> = (0..4).map(|_| Book::new().tx(&draw()).forge()).collect();
        let done = world.execute(&offered, Mode::Template).unwrap();
        seen.extend(done.receipts.iter().map(|receipt| format!("code {}", receipt.code)));
        let name = |why: &Inadmissible| format!("{why:?}").split(' ').next().map(String::from);
        seen.extend(done.refused.iter().filter_map(|(_, why)| name(why)));
    }
    let codes = [0, 1, 4, 7, 256, 257].map(|code| format!("code {code}"));
    let rules = ["Expired", "Meter", "Nonce", "Payer", "Policy", "Price"].map(String::from);
    let want: std::collections::BTreeSet<_> = codes.into_iter().chain(rules).collect();
    assert!(seen.is_superset(&want), "{seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Block by block, a template of everything and the book agree on every transaction. What payers
    /// lose is what the producer gets and what is burned, while the base fee rises and falls.
    #[test]
    fn coins_and_nonces_are_those_of_the_book(
        blocks in proptest::collection::vec(proptest::collection::vec(plan(), 0..8), 1..5),
        fees in fees(),
    ) {
        let mut world = World::coins(&[(1, RICH), (2, RICH), (3, RICH), (4, RICH)], REWARD);
        world.env.params = fees;
        let mut book = Book::new();
        for plans in blocks {
            let (mut chosen, mut fees, mut meter) = (Vec::new(), 0, 0);
            let params = world.env.params.clone();
            for plan in &plans {
                let tx = book.tx(plan);
                let shared = tx.forge();
                // Each is tried behind what the block holds already.
                chosen.push(shared.clone());
                let tried = world.execute(&chosen, Mode::Template).unwrap();
                if book.admits(&tx, &shared, plan, params.base_price()) {
                    prop_assert!(tried.refused.is_empty(), "{:?} {:?}", plan, tried.refused);
                    let receipt = &tried.receipts[chosen.len() - 1];
                    book.apply(&tx, plan, receipt)?;
                    fees += receipt.fee.0;
                    meter += receipt.meter;
                } else {
                    prop_assert_eq!(tried.refused.len(), 1, "{:?}", plan);
                    prop_assert_eq!(tried.refused[0].0, shared.id());
                    chosen.pop();
                }
            }
            world.block(&chosen).unwrap();
            let base = u128::from(meter) * u128::from(params.base_price());
            let burned = base * u128::from(params.burned_per_mille) / 1_000;
            prop_assert!(burned <= fees);
            book.end_block(fees, burned);
            let rises = meter > params.body_meter * u64::from(params.target_per_mille) / 1_000;
            let next = world.env.params.base_fee;
            prop_assert_eq!(next > params.base_fee, rises);
            book.check(&world)?;
        }
    }

    /// Whatever is offered, what a template includes is a valid block with the same outcome.
    #[test]
    fn attack_29_a_proposer_builds_a_block_its_own_validator_refuses(
        plans in proptest::collection::vec(plan(), 0..24),
        bytes in prop_oneof![Just(1_000_000u32), 300u32..4_000],
        meter in prop_oneof![Just(10_000_000u64), 40_000u64..200_000],
        fees in fees(),
    ) {
        let mut world = World::coins(&[(1, RICH), (2, RICH), (3, RICH), (4, RICH)], REWARD);
        world.env.params = Params { body_bytes: bytes, body_meter: meter, ..fees };
        // The book guesses the nonces as if all were included, so many are wrong.
        let mut book = Book::new();
        let offered: Vec<_> = plans.iter().map(|plan| {
            let shared = book.tx(plan).forge();
            if plan.spoil != Spoil::Gap {
                for (person, lane) in &plan.signers {
                    *book.lanes.entry((*person, *lane)).or_default() += 1;
                }
            }
            shared
        }).collect();
        let template = world.execute(&offered, Mode::Template).unwrap();
        prop_assert_eq!(template.included.len() + template.refused.len(), offered.len());

        let block = world.execute(&template.included, Mode::Block);
        prop_assert!(block.is_ok(), "{:?}", block.err());
        let block = block.unwrap();
        prop_assert!(block.refused.is_empty());
        prop_assert_eq!(&block.included, &template.included);
        prop_assert_eq!(block.tree.root(), template.tree.root());
        prop_assert_eq!(block.receipts_root, template.receipts_root);
        prop_assert_eq!(&block.receipts, &template.receipts);
        prop_assert_eq!(&block.layer, &template.layer);
        prop_assert_eq!(block.next_authority, template.next_authority);
        prop_assert_eq!(block.next_params, template.next_params);

        let transactions: Vec<_> = block.included.iter().map(|tx| tx.to_unchecked()).collect();
        let body = Body { transactions: transactions.try_into().unwrap() };
        prop_assert!(body.encoded_len() <= bytes as usize);
        let used: u64 = block.receipts.iter().map(|receipt| receipt.meter).sum();
        prop_assert!(used <= meter);

        // And the whole offer is a valid block only if nothing was refused.
        let whole = world.execute(&offered, Mode::Block);
        match (whole, template.refused.first()) {
            (Ok(_), None) => {}
            (Err(ExecuteError::Invalid { index, why }), Some((id, first))) => {
                prop_assert_eq!(offered[index].id(), *id);
                prop_assert_eq!(&why, first);
            }
            (whole, refused) => prop_assert!(false, "{:?} {:?}", whole.err(), refused),
        }
    }

    /// The same, block after block over one pool, while the base fee moves past what it offers.
    #[test]
    fn attack_29_the_base_fee_moves_between_template_and_block(
        plans in proptest::collection::vec(plan(), 8..40), fees in fees(), bytes in 2_000u32..8_000,
    ) {
        let mut world = World::coins(&[(1, RICH), (2, RICH), (3, RICH), (4, RICH)], REWARD);
        world.env.params = Params { body_bytes: bytes, ..fees };
        for run in plans.chunks(8) {
            let mut book = Book::new();
            for (person, lane) in (1..=5).flat_map(|n| (0..3).map(move |lane| (n, lane))) {
                let known = account(&*world.view(), &address(person)).unwrap().lanes;
                let next = known.iter().find(|(number, _)| *number == lane).map_or(0, |(_, next)| *next);
                book.lanes.insert((person, lane), next);
            }
            let offered: Vec<_> = run.iter().map(|plan| book.tx(plan).forge()).collect();
            let template = world.execute(&offered, Mode::Template).unwrap();
            let base_price = world.env.params.base_price();
            let cheap = offered.iter().filter(|tx| tx.intent().price < base_price);
            for tx in cheap {
                prop_assert!(template.refused.iter().any(|(id, _)| *id == tx.id()));
            }
            let block = world.block(&template.included);
            prop_assert!(block.is_ok(), "{:?}", block.err());
            let block = block.unwrap();
            prop_assert_eq!(block.tree.root(), template.tree.root());
            prop_assert_eq!(block.next_params.hash(), template.next_params.hash());
            prop_assert_eq!(world.counted(), world.supply());
        }
    }

    /// What a pool takes with no gap before it, the next block takes; what it refuses, too.
    #[test]
    fn a_pool_and_a_block_judge_alike(plan in plan(), before in proptest::collection::vec(plan(), 0..4)) {
        let mut world = World::coins(&[(1, RICH), (2, RICH), (3, RICH), (4, RICH)], REWARD);
        let book = Book::new();
        let first: Vec<_> = before.iter().map(|plan| book.tx(plan).forge()).collect();
        let first = world.execute(&first, Mode::Template).unwrap().included;
        world.block(&first).unwrap();
        let transaction = book.tx(&plan).forge();
        let seqs = transaction.intent().signers.iter().map(|signer| signer.nonce.seq);
        match (world.admit(&transaction), world.refusal(&transaction)) {
            (Ok(standing), None) => prop_assert!(seqs.eq(standing.next)),
            (Ok(standing), Some(Inadmissible::Nonce { got, limit, .. })) => {
                prop_assert!(got > limit);
                prop_assert!(seqs.zip(standing.next).all(|(seq, next)| seq >= next));
            }
            // A block sees a gap before it asks the purse.
            (
                Err(AdmitError::Inadmissible(Inadmissible::Payer { .. })),
                Some(Inadmissible::Nonce { got, limit, .. }),
            ) => prop_assert!(got > limit),
            (Err(AdmitError::Inadmissible(why)), Some(refusal)) => prop_assert_eq!(why, refusal),
            (admitted, refusal) => prop_assert!(false, "{:?} {:?}", admitted, refusal),
        }
    }

    /// Invariant 6: one block, one result, however the state below is cut into layers.
    #[test]
    fn the_outcome_does_not_depend_on_how_the_state_lies(
        blocks in proptest::collection::vec(proptest::collection::vec(plan(), 0..5), 1..4),
    ) {
        let mut world = World::coins(&[(1, RICH), (2, RICH), (3, RICH), (4, RICH)], REWARD);
        let mut flat = world.clone();
        for plans in blocks {
            let offered: Vec<_> = plans.iter().map(|plan| Book::new().tx(plan).forge()).collect();
            let included = world.execute(&offered, Mode::Template).unwrap().included;
            let (one, other) = (world.block(&included).unwrap(), flat.block(&included).unwrap());
            prop_assert_eq!(one.tree.root(), other.tree.root());
            prop_assert_eq!(one.receipts_root, other.receipts_root);
            prop_assert_eq!(one.layer, other.layer);
            let mut flushed = Layer::default();
            flat.layers.iter().rev().for_each(|layer| flushed.cover(layer));
            flat.layers = vec![flushed.into()];
        }
    }
}
