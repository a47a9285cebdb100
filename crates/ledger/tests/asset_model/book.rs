//! The ledger as one would write it down on paper.
use crate::common::address;
use crate::plan::{ABSENT, Step, Step::*};
use isonomy_crypto::Hash;
use isonomy_ledger::locks;
use isonomy_types::*;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const RICH: u128 = 100;
/// In the book, the account of the locks. People are 1 to 4.
pub(crate) const LOCKS: u8 = 0;

#[derive(Clone, Debug, Default)]
pub(crate) struct Metal {
    pub(crate) id: Hash,
    pub(crate) issuer: u8,
    pub(crate) cap: Option<u128>,
    pub(crate) rights: [bool; 3],
    pub(crate) supply: u128,
    pub(crate) frozen: BTreeSet<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    pub(crate) id: Hash,
    pub(crate) issuer: u8,
    pub(crate) cap: Option<u64>,
    pub(crate) rights: [bool; 2],
    /// By number: owner and content.
    pub(crate) items: BTreeMap<u64, (u8, u8)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Chest {
    pub(crate) id: Hash,
    pub(crate) maker: u8,
    pub(crate) asset: usize,
    pub(crate) amount: u128,
    pub(crate) to: u8,
    pub(crate) secret: u8,
    pub(crate) expires: u64,
    pub(crate) ended: bool,
}

/// The ledger as one would write it down on paper. Asset 0 is the coin.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    pub(crate) metals: Vec<Metal>,
    pub(crate) held: BTreeMap<(usize, u8), u128>,
    pub(crate) shelves: Vec<Shelf>,
    pub(crate) chests: Vec<Chest>,
}

/// In the book people are numbers.
pub(crate) fn who(n: u8) -> Address {
    if n == LOCKS { Policy::Module(locks::ID).address() } else { address(n) }
}

pub(crate) fn ended(held: &mut [bool], ends: &[bool]) -> Option<()> {
    let fits = ends.contains(&true) && held.iter().zip(ends).all(|(held, ends)| *held || !ends);
    held.iter_mut().zip(ends).for_each(|(held, ends)| *held &= !ends);
    fits.then_some(())
}

impl Book {
    pub(crate) fn new() -> Self {
        let coin = Metal { supply: 4 * RICH, ..Metal::default() };
        let held = (1..=4).map(|n| ((0, n), RICH)).collect();
        Self { metals: vec![coin], held, shelves: Vec::new(), chests: Vec::new() }
    }

    pub(crate) fn holds(&self, asset: usize, n: u8) -> u128 {
        self.held.get(&(asset, n)).copied().unwrap_or(0)
    }

    pub(crate) fn locked(&self, asset: usize) -> u128 {
        let open = self.chests.iter().filter(|chest| !chest.ended && chest.asset == asset);
        open.map(|chest| chest.amount).sum()
    }

    /// An issued one, if there is any.
    pub(crate) fn issued(&self, place: usize) -> Option<usize> {
        (self.metals.len() > 1 && place != ABSENT).then(|| 1 + place % (self.metals.len() - 1))
    }

    pub(crate) fn shelf(&mut self, place: usize) -> Option<&mut Shelf> {
        self.shelves.get_mut(place)
    }

    pub(crate) fn moves(&mut self, asset: usize, from: u8, to: u8, amount: u128) -> Option<()> {
        let frozen = &self.metals[asset].frozen;
        if frozen.contains(&from) || frozen.contains(&to) || amount == 0 {
            return None;
        }
        *self.held.entry((asset, from)).or_default() =
            self.holds(asset, from).checked_sub(amount)?;
        *self.held.entry((asset, to)).or_default() += amount;
        Some(())
    }

    /// What the step does, or `None` if it is refused. New ids come later, from the receipt.
    pub(crate) fn apply(&mut self, by: u8, step: &Step, height: u64) -> Option<()> {
        match *step {
            Send { asset, to, amount } => self.moves(asset % self.metals.len(), by, to, amount),
            Issue { .. } | Mint { .. } | Burn { .. } => self.amounts(by, step),
            Freeze { asset, .. } | Thaw { asset, .. } => {
                let place = self.issued(asset)?;
                freezing(&mut self.metals[place], by, step)
            }
            Renounce { asset, rights } => {
                let place = self.issued(asset)?;
                let metal = Some(&mut self.metals[place]).filter(|metal| metal.issuer == by)?;
                ended(&mut metal.rights, &rights)?;
                if rights[2] {
                    metal.frozen.clear();
                }
                Some(())
            }
            HandOver { asset, to } => {
                let place = self.issued(asset)?;
                let metal = Some(&mut self.metals[place]).filter(|metal| metal.issuer == by)?;
                metal.issuer = to;
                Some(())
            }
            Create { cap, rights } => {
                let (id, items) = (Hash::ZERO, BTreeMap::new());
                self.shelves.push(Shelf { id, issuer: by, cap, rights, items });
                (cap != Some(0)).then_some(())
            }
            MintItem { of, .. } | SendItem { of, .. } | BurnItem { of, .. } => {
                items(self.shelf(of)?, by, step)
            }
            RenounceItems { of, rights } => {
                let shelf = self.shelf(of).filter(|shelf| shelf.issuer == by)?;
                ended(&mut shelf.rights, &rights)
            }
            Lock { .. } | Claim { .. } | Refund { .. } => self.chest(by, step, height),
        }
    }

    pub(crate) fn amounts(&mut self, by: u8, step: &Step) -> Option<()> {
        match *step {
            Issue { cap, rights, amount, to } => {
                let place = self.metals.len();
                let (id, frozen, supply) = (Hash::ZERO, BTreeSet::new(), amount);
                self.metals.push(Metal { id, issuer: by, cap, rights, supply, frozen });
                self.held.insert((place, to), amount);
                let fits = cap.is_none_or(|cap| cap > 0 && amount <= cap);
                (fits && (amount > 0 || rights[0])).then_some(())
            }
            Mint { asset, to, amount } => {
                let place = self.issued(asset)?;
                let metal = &mut self.metals[place];
                metal.supply = metal.supply.checked_add(amount)?;
                let may = metal.issuer == by && metal.rights[0] && !metal.frozen.contains(&to);
                let fits = metal.supply <= metal.cap.unwrap_or(u128::MAX);
                *self.held.entry((place, to)).or_default() += amount;
                (may && fits && amount > 0).then_some(())
            }
            Burn { asset, amount } => {
                let place = self.issued(asset)?;
                let held = self.holds(place, by).checked_sub(amount)?;
                self.held.insert((place, by), held);
                let metal = &mut self.metals[place];
                metal.supply -= amount;
                let may = metal.rights[1] && !metal.frozen.contains(&by);
                (may && amount > 0).then_some(())
            }
            _ => None,
        }
    }

    pub(crate) fn chest(&mut self, by: u8, step: &Step, height: u64) -> Option<()> {
        if let Lock { asset, amount, brought, to, secret, blocks } = *step {
            let asset = asset % self.metals.len();
            self.moves(asset, by, LOCKS, brought)?;
            let free = self.holds(asset, LOCKS) - self.locked(asset);
            let (id, maker, expires) = (Hash::ZERO, by, height + blocks);
            let chest = Chest { id, maker, asset, amount, to, secret, expires, ended: false };
            self.chests.push(chest);
            return (amount > 0 && amount <= free && blocks > 0).then_some(());
        }
        let (place, shown) = match *step {
            Claim { lock, secret } => (lock, Some(secret)),
            Refund { lock } => (lock, None),
            _ => return None,
        };
        let chest = self.chests.get_mut(place).filter(|chest| !chest.ended)?;
        chest.ended = true;
        let Chest { maker, asset, amount, to, secret, expires, .. } = *chest;
        let late = height >= expires;
        match shown {
            Some(shown) if !late && shown == secret => self.moves(asset, LOCKS, to, amount),
            None if late => self.moves(asset, LOCKS, maker, amount),
            _ => None,
        }
    }
}

pub(crate) fn freezing(metal: &mut Metal, by: u8, step: &Step) -> Option<()> {
    let may = metal.issuer == by && metal.rights[2];
    let changes = match *step {
        Freeze { who, .. } => metal.frozen.insert(who),
        Thaw { who, .. } => metal.frozen.remove(&who),
        _ => false,
    };
    (may && changes).then_some(())
}

pub(crate) fn items(shelf: &mut Shelf, by: u8, step: &Step) -> Option<()> {
    match *step {
        MintItem { number, to, content, .. } => {
            let new = shelf.items.insert(number, (to, content)).is_none();
            let fits = shelf.items.len() as u64 <= shelf.cap.unwrap_or(u64::MAX);
            (new && fits && shelf.issuer == by && shelf.rights[0]).then_some(())
        }
        SendItem { number, to, .. } => {
            let (owner, _) = shelf.items.get_mut(&number).filter(|(owner, _)| *owner == by)?;
            *owner = to;
            Some(())
        }
        BurnItem { number, .. } => {
            let (owner, _) = shelf.items.remove(&number)?;
            (owner == by && shelf.rights[1]).then_some(())
        }
        _ => None,
    }
}

/// Who could take a step.
impl Book {
    pub(crate) fn apt(&self, step: &Step) -> Option<u8> {
        let issuer = |place| Some(self.metals[self.issued(place)?].issuer);
        let shelf = |place: usize| self.shelves.get(place % self.shelves.len().max(1));
        let rich = |place| (1..=4).max_by_key(|n| self.holds(place, *n));
        let found = match *step {
            Send { asset, .. } | Lock { asset, .. } => rich(asset % self.metals.len()),
            Burn { asset, .. } => rich(self.issued(asset)?),
            Mint { asset, .. }
            | Freeze { asset, .. }
            | Thaw { asset, .. }
            | Renounce { asset, .. }
            | HandOver { asset, .. } => issuer(asset),
            MintItem { of, .. } | RenounceItems { of, .. } => Some(shelf(of)?.issuer),
            SendItem { of, number, .. } | BurnItem { of, number } => {
                Some(shelf(of)?.items.get(&number)?.0)
            }
            Issue { .. } | Create { .. } | Claim { .. } | Refund { .. } => None,
        };
        found.filter(|n| *n != LOCKS)
    }
}

/// The step with the places that it had when its transaction was written down: what the same
/// transaction made before it does not shift them.
pub(crate) fn placed(before: &Book, step: &Step) -> Step {
    let mut step = step.clone();
    let (metals, shelves, chests) =
        (before.metals.len(), before.shelves.len(), before.chests.len());
    match &mut step {
        Send { asset, .. } | Lock { asset, .. } => *asset %= metals,
        Mint { asset, .. }
        | Burn { asset, .. }
        | Freeze { asset, .. }
        | Thaw { asset, .. }
        | Renounce { asset, .. }
        | HandOver { asset, .. } => {
            *asset = before.issued(*asset).map_or(ABSENT, |place| place - 1);
        }
        MintItem { of, .. }
        | SendItem { of, .. }
        | BurnItem { of, .. }
        | RenounceItems { of, .. } => *of = if shelves == 0 { ABSENT } else { *of % shelves },
        Claim { lock, .. } | Refund { lock } => {
            *lock = if chests == 0 { ABSENT } else { *lock % chests };
        }
        Issue { .. } | Create { .. } => {}
    }
    step
}
