//! The pool against a list that is looked through from end to end for every question, and against
//! what must hold at any time (invariant 9).
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::*;
use isonomy_chain::*;
use isonomy_crypto::Hash;
use isonomy_ledger::{Standing, cost};
use isonomy_types::*;
use proptest::prelude::*;
use proptest::sample::Index;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

type Lane = (Address, u16);

const LIMITS: PoolLimits = PoolLimits { transactions: 12, bytes: 5_000, per_account: 6 };
const ACCOUNTS: u8 = 5;
/// What each account holds at first.
const HOLDS: u128 = 500_000;

fn spends(tx: &Shared) -> Vec<(Lane, u64)> {
    let signers = tx.intent().signers.iter();
    signers.map(|signer| ((signer.account, signer.nonce.lane), signer.nonce.seq)).collect()
}

fn seq_in(tx: &Shared, lane: Lane) -> Option<u64> {
    spends(tx).into_iter().find(|(of, _)| *of == lane).map(|(_, seq)| seq)
}

/// Whether `tx` waits for `other` by itself, without anything between.
fn comes_after(tx: &Shared, other: &Shared) -> bool {
    spends(tx).iter().any(|(lane, seq)| seq_in(other, *lane).is_some_and(|before| before < *seq))
}

/// The most that the ledger says a transaction takes from each signer.
fn pays(tx: &Shared) -> Vec<Amount> {
    let price = u128::from(tx.intent().price);
    let moves = |index| if index == 0 { price % 3 * 50_000 } else { price * 1_000 };
    let fee = fee_alone(tx).into_iter().enumerate();
    fee.map(|(index, fee)| Amount(fee.0 + moves(index))).collect()
}

fn fee_alone(tx: &Shared) -> Vec<Amount> {
    let mut fees = vec![Amount::ZERO; tx.intent().signers.len()];
    fees[0] = tx.intent().max_fee();
    fees
}

/// What it pays in a block if its actions do nothing.
fn sure_fee(tx: &Shared) -> u128 {
    u128::from(cost::intrinsic(tx)) * u128::from(tx.intent().price)
}

/// The naive pool: those that wait, in order of arrival, and a chain of blocks.
struct Model {
    waiting: Vec<Shared>,
    /// Blocks of best's branch, each with its transactions.
    branch: Vec<Vec<Shared>>,
    holds: BTreeMap<Address, u128>,
    pays: BTreeMap<Hash, Vec<Amount>>,
    since: BTreeMap<Hash, Mono>,
    now: Mono,
    /// The floor of each that was driven out for lack of room, and when.
    evictions: Vec<(u64, Mono)>,
}

impl Model {
    fn height(&self) -> u64 {
        self.branch.len() as u64
    }

    /// Where the state has a lane.
    fn next(&self, lane: Lane) -> u64 {
        let spent = self.branch.iter().flatten().filter_map(|tx| seq_in(tx, lane));
        spent.max().map_or(0, |seq| seq + 1)
    }

    fn end(&self, lane: Lane) -> u64 {
        let waiting = self.waiting.iter().filter(|tx| seq_in(tx, lane).is_some());
        self.next(lane) + waiting.count() as u64
    }

    fn with_dependents(&self, first: Vec<Shared>) -> Vec<Shared> {
        let mut found = first;
        while let Some(next) = self
            .waiting
            .iter()
            .find(|tx| !found.contains(tx) && found.iter().any(|before| comes_after(tx, before)))
        {
            found.push(next.clone());
        }
        found
    }

    fn floor(&self, tx: &Shared) -> u64 {
        let before = self.waiting.iter().filter(|other| comes_after(tx, other));
        before.map(|other| self.floor(other)).fold(tx.intent().price, u64::min)
    }

    fn remove(&mut self, gone: &[Shared]) {
        self.waiting.retain(|tx| !gone.contains(tx));
    }

    fn bytes(&self) -> usize {
        self.waiting.iter().map(|tx| tx.bytes()).sum()
    }

    /// Those of an account, without `gone`.
    fn share(&self, account: Address, gone: &[Shared]) -> usize {
        let has = |tx: &&Shared| tx.intent().signers.iter().any(|signer| signer.account == account);
        self.waiting.iter().filter(has).filter(|tx| !gone.contains(tx)).count()
    }

    fn held(&self, account: Address) -> u128 {
        self.holds.get(&account).copied().unwrap_or(HOLDS)
    }

    /// The most that those who wait take from an account, without `gone`.
    fn due(&self, account: Address, gone: &[Shared]) -> u128 {
        let waiting = self.waiting.iter().filter(|tx| !gone.contains(tx));
        let share = |tx: &Shared| {
            let signers = tx.intent().signers.iter();
            let shares = signers.zip(&self.pays[&tx.id()]);
            shares.filter(|(s, _)| s.account == account).map(|(_, share)| share.0).sum::<u128>()
        };
        waiting.map(share).sum()
    }

    /// From the whole history.
    fn least_price(&self) -> u64 {
        let (mut price, mut since) = (0, Mono(0));
        let halved = |price: u64, since: Mono, now: Mono| {
            (0..now.since(since) / LEAST_PRICE_HALF_LIFE_MS).take(64).fold(price, |p, _| p / 2)
        };
        for (floor, at) in &self.evictions {
            if floor + LEAST_PRICE_STEP > halved(price, since, *at) {
                (price, since) = (floor + LEAST_PRICE_STEP, *at);
            }
        }
        halved(price, since, self.now)
    }

    /// A new state: what an account holds may have changed, and every share is known.
    fn cover(&mut self) -> Vec<Shared> {
        let mut gone = Vec::new();
        self.pays = self.waiting.iter().map(|tx| (tx.id(), pays(tx))).collect();
        let all = std::mem::take(&mut self.waiting);
        for tx in &all {
            let waits = |before: &Shared| comes_after(tx, before);
            let accounts: Vec<_> = tx.intent().signers.iter().map(|s| s.account).collect();
            self.waiting.push(tx.clone());
            let short =
                accounts.iter().any(|account| self.due(*account, &[]) > self.held(*account));
            if short || gone.iter().any(waits) {
                self.waiting.pop();
                gone.push(tx.clone());
            }
        }
        gone
    }

    fn expire(&mut self) -> Vec<Shared> {
        let old = |tx: &&Shared| self.now.since(self.since[&tx.id()]) >= AGE_MS_MAX;
        let old = self.waiting.iter().filter(old).cloned().collect();
        let gone = self.with_dependents(old);
        self.remove(&gone);
        gone
    }

    fn insert(&mut self, tx: &Shared) -> Result<Inserted, PoolRefused> {
        if self.waiting.contains(tx) {
            return Err(PoolRefused::Known);
        }
        let (got, limit) = (tx.intent().expires, self.height() + 1);
        if got < limit {
            return Err(PoolRefused::Expired { got, limit });
        }
        let mut rivals = Vec::new();
        for (lane, got) in spends(tx) {
            let (next, end) = (self.next(lane), self.end(lane));
            if got < next {
                return Err(PoolRefused::Spent { got, limit: next });
            }
            if got > end {
                return Err(PoolRefused::Gap { got, limit: end });
            }
            let rival = self.waiting.iter().find(|other| seq_in(other, lane) == Some(got));
            rivals.extend(rival.filter(|rival| !rivals.contains(*rival)).cloned());
        }
        let price = tx.intent().price;
        let least = |rival: &Shared| {
            let old = rival.intent().price;
            (old + 1).max((old * (100 + REPLACE_PERCENT)).div_ceil(100))
        };
        let limit = rivals.iter().map(least).max().unwrap_or(0);
        if price < limit {
            return Err(PoolRefused::Underpriced { got: price, limit });
        }
        let replaced = self.with_dependents(rivals);
        for (lane, got) in spends(tx) {
            let lost = replaced.iter().filter_map(|other| seq_in(other, lane)).min();
            if let Some(limit) = lost.filter(|end| *end < got) {
                return Err(PoolRefused::Gap { got, limit });
            }
        }
        let driven_out: u128 = replaced.iter().map(sure_fee).sum();
        let limit = Amount(driven_out + u128::from(cost::intrinsic(tx)));
        if !replaced.is_empty() && sure_fee(tx) < limit.0 {
            return Err(PoolRefused::Underpays { got: Amount(sure_fee(tx)), limit });
        }
        for signer in tx.intent().signers.iter() {
            let (account, limit) = (signer.account, LIMITS.per_account);
            let got = self.share(account, &replaced) + 1;
            if got > limit {
                return Err(PoolRefused::AccountFull { account, got, limit });
            }
        }
        for (signer, share) in tx.intent().signers.iter().zip(pays(tx)) {
            let (account, limit) = (signer.account, Amount(self.held(signer.account)));
            let got = Amount(self.due(account, &replaced) + share.0);
            if got > limit {
                return Err(PoolRefused::Uncovered { account, got, limit });
            }
        }
        let (got, limit) = (self.floor(tx), self.least_price());
        if got < limit {
            return Err(PoolRefused::Cheap { got, limit });
        }
        let before = self.waiting.clone();
        self.remove(&replaced);
        let evicted = self.make_room(tx).inspect_err(|_| self.waiting.clone_from(&before))?;
        let floors: Vec<_> = evicted.iter().map(|(_, floor)| (*floor, self.now)).collect();
        self.evictions.extend(floors);
        self.wait(tx, pays(tx));
        let evicted: Vec<Shared> = evicted.into_iter().map(|(tx, _)| tx).collect();
        let ids = |list: &[Shared]| list.iter().map(|tx| tx.id()).collect();
        Ok(Inserted { replaced: ids(&replaced), evicted: ids(&evicted) })
    }

    fn wait(&mut self, tx: &Shared, pays: Vec<Amount>) {
        self.pays.insert(tx.id(), pays);
        self.since.insert(tx.id(), self.now);
        self.waiting.push(tx.clone());
    }

    /// Those that must leave, each with its floor.
    fn make_room(&mut self, tx: &Shared) -> Result<Vec<(Shared, u64)>, PoolRefused> {
        let (mut evicted, got) = (Vec::new(), self.floor(tx));
        while self.waiting.len() + 1 > LIMITS.transactions
            || self.bytes() + tx.bytes() > LIMITS.bytes
        {
            let cheapest = self.cheapest();
            let floor = cheapest.as_ref().map(|tx| self.floor(tx));
            match (cheapest, floor) {
                (Some(cheapest), Some(floor)) if floor < got => {
                    self.remove(std::slice::from_ref(&cheapest));
                    evicted.push((cheapest, floor));
                }
                (_, floor) => {
                    return Err(PoolRefused::Full { got, limit: floor.unwrap_or(u64::MAX) });
                }
            }
        }
        Ok(evicted)
    }

    /// The last to arrive of those with the lowest floor.
    fn cheapest(&self) -> Option<Shared> {
        let rank = |(at, tx): &(usize, &Shared)| (self.floor(tx), Reverse(*at));
        self.waiting.iter().enumerate().min_by_key(rank).map(|(_, tx)| tx.clone())
    }

    /// The blocks above `keep` give way to others.
    fn moved(&mut self, keep: usize, blocks: Vec<Vec<Shared>>) -> Moved {
        let left: Vec<Shared> = self.branch.split_off(keep).concat();
        let joined: Vec<Shared> = blocks.concat();
        let old: Vec<Shared> = self.waiting.clone();
        let moved = left.iter().chain(&joined).flat_map(spends);
        let lanes: BTreeSet<Lane> = moved.map(|(lane, _)| lane).collect();
        let on_them = |tx: &&Shared| spends(tx).iter().any(|(lane, _)| lanes.contains(lane));
        let turned = self.with_dependents(old.iter().filter(on_them).cloned().collect());
        self.remove(&turned);
        self.branch.extend(blocks);
        let again: Vec<_> = old.iter().filter(|tx| turned.contains(tx)).cloned().collect();
        for tx in left.iter().chain(&again).filter(|tx| !joined.contains(tx)) {
            let fits = spends(tx).iter().all(|(lane, seq)| self.end(*lane) == *seq)
                && tx.intent().expires > self.height()
                && tx
                    .intent()
                    .signers
                    .iter()
                    .all(|signer| self.share(signer.account, &[]) < LIMITS.per_account);
            if fits && left.contains(tx) {
                self.wait(tx, fee_alone(tx));
            } else if fits {
                self.waiting.push(tx.clone());
            }
        }
        let height = self.height();
        let late = |tx: &&Shared| tx.intent().expires <= height;
        let expired = self.waiting.iter().filter(late).cloned().collect();
        let expired = self.with_dependents(expired);
        self.remove(&expired);
        while self.waiting.len() > LIMITS.transactions || self.bytes() > LIMITS.bytes {
            let cheapest = self.cheapest().unwrap();
            self.evictions.push((self.floor(&cheapest), self.now));
            self.remove(&[cheapest]);
        }
        let ids = |list: Vec<&Shared>| -> Vec<Hash> {
            let ids: BTreeSet<Hash> = list.iter().map(|tx| tx.id()).collect();
            ids.into_iter().collect()
        };
        let gone = || old.iter().filter(|tx| !self.waiting.contains(tx));
        Moved {
            confirmed: ids(gone().filter(|tx| joined.contains(tx)).collect()),
            returned: ids(left.iter().filter(|tx| self.waiting.contains(tx)).collect()),
            dropped: ids(gone().filter(|tx| !joined.contains(tx)).collect()),
        }
    }

    fn candidates(&self, mut bytes: usize, mut meter: u64) -> Vec<Hash> {
        let mut rest = self.waiting.clone();
        rest.sort_by_key(|tx| (Reverse(tx.intent().price), tx.id()));
        let (mut chosen, mut passed) = (Vec::<Shared>::new(), Vec::new());
        loop {
            let ready = |tx: &&Shared| {
                let before = |other: &Shared| comes_after(tx, other) && !chosen.contains(other);
                !chosen.contains(tx) && !passed.contains(*tx) && !self.waiting.iter().any(before)
            };
            let Some(tx) = rest.iter().find(ready).cloned() else { break };
            if tx.bytes() <= bytes && tx.intent().meter_limit <= meter {
                bytes -= tx.bytes();
                meter -= tx.intent().meter_limit;
                chosen.push(tx);
            } else {
                passed.push(tx);
            }
        }
        chosen.iter().map(|tx| tx.id()).collect()
    }
}

#[derive(Clone, Debug)]
struct Spec {
    hands: Vec<(u8, u16, Offset)>,
    price: u64,
    padding: usize,
    life: u64,
}

/// Which counter a signer names.
#[derive(Clone, Debug)]
enum Offset {
    End,
    /// So many before the end: a rival, or one that is spent.
    Back(u64),
    Ahead,
}

#[derive(Clone, Debug)]
enum Op {
    Insert(Spec),
    /// Blocks out of candidates and strangers take the place of the last `back` blocks.
    Move {
        back: usize,
        blocks: Vec<Block>,
    },
    Drop(Index),
    /// An account holds so much now, and the state is asked again.
    Holds(u8, u128),
    /// Time passes, in milliseconds.
    Wait(u64),
}

#[derive(Clone, Debug)]
struct Block {
    candidates: usize,
    strangers: Vec<Spec>,
    /// Transactions of the blocks left that this one holds too.
    again: bool,
}

fn spec() -> impl Strategy<Value = Spec> {
    let offset = prop_oneof![
        10 => Just(Offset::End),
        4 => (1..4_u64).prop_map(Offset::Back),
        1 => Just(Offset::Ahead),
    ];
    let hands = prop::collection::vec((0..ACCOUNTS, 0..2_u16, offset), 1..3);
    let padding = prop_oneof![5 => Just(0_usize), 1 => Just(900)];
    let life = prop_oneof![4 => Just(1_000_u64), 1 => 0..4_u64];
    (hands, 1..40_u64, padding, life).prop_map(|(mut hands, price, padding, life)| {
        let mut seen = BTreeSet::new();
        hands.retain(|(n, ..)| seen.insert(*n));
        Spec { hands, price, padding, life }
    })
}

fn op() -> impl Strategy<Value = Op> {
    let block = (0..5_usize, prop::collection::vec(spec(), 0..2), any::<bool>());
    let block =
        block.prop_map(|(candidates, strangers, again)| Block { candidates, strangers, again });
    let blocks =
        (prop_oneof![2 => Just(0_usize), 1 => 1..4_usize], prop::collection::vec(block, 0..3));
    let wait = prop_oneof![
        4 => 0..LEAST_PRICE_HALF_LIFE_MS,
        3 => 0..6 * LEAST_PRICE_HALF_LIFE_MS,
        1 => 0..2 * AGE_MS_MAX,
    ];
    prop_oneof![
        14 => spec().prop_map(Op::Insert),
        2 => blocks.prop_map(|(back, blocks)| Op::Move { back, blocks }),
        1 => any::<Index>().prop_map(Op::Drop),
        1 => (0..ACCOUNTS, 0..2 * HOLDS).prop_map(|(n, held)| Op::Holds(n, held)),
        2 => wait.prop_map(Op::Wait),
    ]
}

fn kind(result: &Result<Inserted, PoolRefused>) -> &'static str {
    match result {
        Ok(_) => "inserted",
        Err(PoolRefused::Underpriced { .. }) => "underpriced",
        Err(PoolRefused::Underpays { .. }) => "underpays",
        Err(PoolRefused::Uncovered { .. }) => "not covered",
        Err(PoolRefused::Cheap { .. }) => "cheap",
        Err(PoolRefused::Full { .. }) => "full",
        Err(_) => "otherwise refused",
    }
}

struct Test {
    pool: Pool,
    model: Model,
    told: BTreeSet<Hash>,
    seen: BTreeMap<&'static str, usize>,
}

impl Test {
    fn new() -> Self {
        let model = Model {
            waiting: Vec::new(),
            branch: Vec::new(),
            holds: BTreeMap::new(),
            pays: BTreeMap::new(),
            since: BTreeMap::new(),
            now: Mono(1_000),
            evictions: Vec::new(),
        };
        Self { pool: Pool::new(LIMITS), model, told: BTreeSet::new(), seen: BTreeMap::new() }
    }

    fn count(&mut self, what: &'static str, times: usize) {
        *self.seen.entry(what).or_default() += times;
    }

    /// `end` says where a lane ends.
    fn make(&self, spec: &Spec, end: impl Fn(Lane) -> u64) -> Shared {
        let mut tx = Tx::by(0, 0).price(spec.price).meter(1_000 + spec.price * 10);
        let hand = |(n, lane, offset): &(u8, u16, Offset)| {
            let end = end((address(*n), *lane));
            let seq = match offset {
                Offset::End => end,
                Offset::Back(back) => end.saturating_sub(*back),
                Offset::Ahead => end + 1,
            };
            (*n, Nonce { lane: *lane, seq })
        };
        tx.hands = spec.hands.iter().map(hand).collect();
        tx = tx.expires(self.model.height() + spec.life);
        if spec.padding > 0 { tx.act(9, vec![0; spec.padding]).make() } else { tx.make() }
    }

    fn run(&mut self, op: &Op) {
        match op {
            Op::Insert(spec) => self.insert(spec),
            Op::Move { back, blocks } => self.moved(*back, blocks),
            Op::Drop(index) => self.drop(index),
            Op::Holds(n, held) => self.holds(*n, *held),
            Op::Wait(ms) => self.wait(*ms),
        }
        self.check();
    }

    fn insert(&mut self, spec: &Spec) {
        let tx = self.make(spec, |lane| self.model.end(lane));
        let next = spends(&tx).iter().map(|(lane, _)| self.model.next(*lane)).collect();
        let height = self.model.height();
        let held = |signer: &Signer| Amount(self.model.held(signer.account));
        let holds = tx.intent().signers.iter().map(held).collect();
        let standing = Standing { next, holds, pays: pays(&tx) };
        let got = self.pool.insert(tx.clone(), &standing, height, self.model.now);
        let expected = self.model.insert(&tx);
        self.count(kind(&expected), 1);
        let sorted = |inserted: &Inserted| {
            let mut replaced = inserted.replaced.clone();
            replaced.sort_unstable();
            (replaced, inserted.evicted.iter().copied().collect::<BTreeSet<_>>())
        };
        assert_eq!(got.as_ref().map(sorted), expected.as_ref().map(sorted));
        if let Ok(Inserted { replaced, evicted }) = got {
            self.count("replaced", replaced.len());
            self.count("evicted", evicted.len());
            self.told.insert(tx.id());
            replaced.iter().chain(&evicted).for_each(|id| assert!(self.told.remove(id)));
        }
    }

    fn holds(&mut self, n: u8, held: u128) {
        self.model.holds.insert(address(n), held);
        let standing = |tx: &Shared| {
            let held = |signer: &Signer| Amount(self.model.held(signer.account));
            let holds = tx.intent().signers.iter().map(held).collect();
            (tx.id(), Standing { next: Vec::new(), holds, pays: pays(tx) })
        };
        let standings: Vec<_> = self.model.waiting.iter().map(standing).collect();
        let got: BTreeSet<Hash> = self.pool.cover(&standings).into_iter().collect();
        let gone = self.model.cover();
        assert_eq!(got, gone.iter().map(|tx| tx.id()).collect());
        self.count("uncovered", got.len());
        got.iter().for_each(|id| assert!(self.told.remove(id)));
        for account in (0..ACCOUNTS).map(address) {
            assert!(self.model.due(account, &[]) <= self.model.held(account));
        }
    }

    fn wait(&mut self, ms: u64) {
        self.model.now = self.model.now.plus(ms);
        let got: BTreeSet<Hash> = self.pool.expire(self.model.now).into_iter().collect();
        let gone = self.model.expire();
        assert_eq!(got, gone.iter().map(|tx| tx.id()).collect());
        self.count("aged", got.len());
        got.iter().for_each(|id| assert!(self.told.remove(id)));
    }

    /// Blocks of what could stand in them: each lane in order.
    fn moved(&mut self, back: usize, blocks: &[Block]) {
        let keep = self.model.branch.len().saturating_sub(back);
        let left: Vec<Shared> = self.model.branch[keep..].concat();
        let kept: Vec<Shared> = self.model.branch[..keep].concat();
        let (mut nexts, mut made) = (BTreeMap::<Lane, u64>::new(), Vec::new());
        for (lane, seq) in kept.iter().flat_map(spends) {
            nexts.insert(lane, seq + 1);
        }
        for block in blocks {
            let mut offered = if block.again { left.clone() } else { Vec::new() };
            let candidates = self.pool.candidates(usize::MAX, u64::MAX);
            offered.extend(candidates.into_iter().take(block.candidates));
            let end = |lane: Lane| nexts.get(&lane).copied().unwrap_or(0);
            offered.extend(block.strangers.iter().map(|spec| self.make(spec, end)));
            let mut body = Vec::new();
            for tx in offered {
                let admissible = spends(&tx)
                    .iter()
                    .all(|(lane, seq)| nexts.get(lane).copied().unwrap_or(0) == *seq);
                if admissible && tx.intent().expires > keep as u64 + made.len() as u64 {
                    nexts.extend(spends(&tx).into_iter().map(|(lane, seq)| (lane, seq + 1)));
                    body.push(tx);
                }
            }
            made.push(body);
        }
        let height = (keep + made.len()) as u64;
        let got = self.pool.moved(&left, &made.concat(), height, self.model.now);
        let expected = self.model.moved(keep, made);
        assert_eq!(got, expected);
        self.count("confirmed", got.confirmed.len());
        self.count("returned", got.returned.len());
        self.count("dropped", got.dropped.len());
        got.confirmed.iter().chain(&got.dropped).for_each(|id| assert!(self.told.remove(id)));
        got.returned.iter().for_each(|id| assert!(self.told.insert(*id)));
    }

    fn drop(&mut self, index: &Index) {
        let ids = self.pool.ids();
        if ids.is_empty() {
            return;
        }
        let id = *index.get(&ids);
        let first = self.model.waiting.iter().filter(|tx| tx.id() == id).cloned().collect();
        let gone = self.model.with_dependents(first);
        self.model.remove(&gone);
        let got: BTreeSet<Hash> = self.pool.drop(&[id]).into_iter().collect();
        assert_eq!(got, gone.iter().map(|tx| tx.id()).collect());
        got.iter().for_each(|id| assert!(self.told.remove(id)));
    }

    /// What holds at any time, whatever the model says.
    fn check(&self) {
        let (pool, model) = (&self.pool, &self.model);
        let ids = pool.ids();
        let waiting: Vec<_> = ids.iter().map(|id| pool.get(id).unwrap().clone()).collect();
        assert_eq!(
            ids.iter().copied().collect::<BTreeSet<_>>(),
            self.told,
            "all removals are told"
        );
        assert_eq!(ids.len(), pool.len());
        assert_eq!(pool.bytes(), waiting.iter().map(|tx| tx.bytes()).sum::<usize>());
        let in_order: Vec<Hash> = pool.in_order().iter().map(|tx| tx.id()).collect();
        assert_eq!(in_order, model.waiting.iter().map(|tx| tx.id()).collect::<Vec<_>>());
        assert_eq!(pool.least_price(model.now), model.least_price());
        assert!(pool.len() <= LIMITS.transactions && pool.bytes() <= LIMITS.bytes);
        let mut lanes = BTreeMap::<Lane, BTreeSet<u64>>::new();
        for (lane, seq) in waiting.iter().flat_map(spends) {
            assert!(lanes.entry(lane).or_default().insert(seq), "two for one nonce");
        }
        for (lane, seqs) in &lanes {
            let next = model.next(*lane);
            assert!(seqs.iter().copied().eq(next..next + seqs.len() as u64), "contiguous");
            assert_eq!(pool.next(&lane.0, lane.1), Some(next + seqs.len() as u64));
        }
        let confirmed: Vec<Hash> = model.branch.iter().flatten().map(|tx| tx.id()).collect();
        for (id, tx) in ids.iter().zip(&waiting) {
            assert!(!confirmed.contains(id) && tx.intent().expires > model.height());
        }
        for n in 0..ACCOUNTS {
            let lanes = [0, 1].map(|lane| lanes.get(&(address(n), lane)).map_or(0, BTreeSet::len));
            assert!(lanes.iter().sum::<usize>() <= LIMITS.per_account);
        }
        let expected: BTreeSet<Hash> = model.waiting.iter().map(|tx| tx.id()).collect();
        assert_eq!(expected, self.told);
        for (bytes, meter) in [(usize::MAX, u64::MAX), (900, u64::MAX), (usize::MAX, 4_000)] {
            let got: Vec<_> = pool.candidates(bytes, meter).iter().map(|tx| tx.id()).collect();
            assert_eq!(got, model.candidates(bytes, meter));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_pool_does_what_the_naive_one_does(ops in prop::collection::vec(op(), 1..80)) {
        let mut test = Test::new();
        ops.iter().for_each(|op| test.run(op));
    }
}

/// The same with fixed draws, to see that every kind of event comes up.
#[test]
fn every_kind_of_event_happens() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut test = Test::new();
    for _ in 0..1_500 {
        let op = op().new_tree(&mut runner).unwrap().current();
        test.run(&op);
    }
    let all = [
        "inserted",
        "replaced",
        "evicted",
        "confirmed",
        "returned",
        "dropped",
        "uncovered",
        "aged",
        "underpriced",
        "underpays",
        "not covered",
        "cheap",
        "full",
    ];
    for what in all {
        assert!(test.seen.get(what).is_some_and(|times| *times >= 5), "{what}: {:?}", test.seen);
    }
}
