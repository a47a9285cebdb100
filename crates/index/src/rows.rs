//! What follows from a block: under which address, key and asset it is found.
use crate::concerns::{moves, parties};
use crate::{Block, ChangeError};
use isonomy_ledger::assets::Asset;
use isonomy_types::{Address, Amount, ModuleId};
use std::collections::{BTreeMap, BTreeSet};

/// How a transaction concerns an address: any of the constants together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Roles(pub u8);

impl Roles {
    /// Pays the fee.
    pub const PAYER: Self = Self(1);
    /// Signs. The payer does too.
    pub const SIGNER: Self = Self(1 << 1);
    /// Gave coins, units or an item, or destroyed them.
    pub const FROM: Self = Self(1 << 2);
    /// Received coins, units or an item, newly made ones too.
    pub const TO: Self = Self(1 << 3);
    /// Is named by an event that moves nothing: an issue, a freeze, a lock.
    pub const EVENT: Self = Self(1 << 4);
    /// Made the block.
    pub const PRODUCER: Self = Self(1 << 5);

    const NAMES: [(Self, &str); 6] = [
        (Self::PAYER, "payer"),
        (Self::SIGNER, "signer"),
        (Self::FROM, "from"),
        (Self::TO, "to"),
        (Self::EVENT, "event"),
        (Self::PRODUCER, "producer"),
    ];

    /// These and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What people call them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let held = move |(role, name): (Self, _)| (self.0 & role.0 != 0).then_some(name);
        Self::NAMES.into_iter().filter_map(held)
    }
}

/// How much an account's holding changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Move {
    /// It grew by so much.
    In(Amount),
    /// It fell by so much.
    Out(Amount),
}

impl Move {
    /// What takes it back.
    #[must_use]
    pub const fn back(self) -> Self {
        match self {
            Self::In(amount) => Self::Out(amount),
            Self::Out(amount) => Self::In(amount),
        }
    }

    /// What is held after it. `None` if there cannot be so much or so little.
    #[must_use]
    pub fn of(self, held: Amount) -> Option<Amount> {
        match self {
            Self::In(amount) => held.checked_add(amount),
            Self::Out(amount) => held.checked_sub(amount),
        }
    }
}

/// An event's place under one of its keys: the key, the transaction's place in the block, the
/// event's place there, who said it.
pub type Keyed = (Vec<u8>, u32, u32, ModuleId);

/// What a block adds to an index, and what is taken back when it leaves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rows {
    /// Whom which of its transactions concerns, by their places, and how. The place after the last
    /// transaction is the block's own.
    pub history: BTreeMap<(Address, u32), Roles>,
    /// Events by key.
    pub keys: BTreeSet<Keyed>,
    /// By how much holdings changed over the block as a whole, those that did.
    pub moves: BTreeMap<(Asset, Address), Move>,
}

impl Block {
    /// What follows from the block: the same whoever asks, and whenever.
    ///
    /// # Errors
    /// [`ChangeError::Amounts`] if no ledger could have moved amounts so.
    pub fn rows(&self) -> Result<Rows, ChangeError> {
        let (mut rows, mut sums) = (Rows::default(), Sums::default());
        for (index, entry) in (0..).zip(&self.transactions) {
            for signer in &entry.signers {
                rows.concerns(*signer, index, Roles::SIGNER);
            }
            if let Some(payer) = entry.signers.first() {
                rows.concerns(*payer, index, Roles::PAYER);
                sums.less(Asset::Coin, *payer, entry.fee);
            }
        }
        // Nobody made genesis.
        if self.height > 0 {
            let own = u32::try_from(self.transactions.len()).unwrap_or(u32::MAX);
            rows.concerns(self.producer, own, Roles::PRODUCER);
        }
        sums.more(Asset::Coin, self.producer, self.paid);
        for (asset, of, amount) in &self.allocations {
            sums.more(*asset, *of, *amount);
        }
        for said in &self.events {
            for (whom, role) in parties(&said.what) {
                rows.concerns(whom, said.index, role);
            }
            for key in said.what.keys.iter() {
                rows.keys.insert((key.to_vec(), said.index, said.event, said.what.module));
            }
            // Genesis says all in its allocations.
            if self.height > 0 {
                moves(&said.what, &mut sums);
            }
        }
        rows.moves = sums.net().ok_or(ChangeError::Amounts { height: self.height })?;
        Ok(rows)
    }
}

impl Rows {
    fn concerns(&mut self, whom: Address, index: u32, role: Roles) {
        let roles = self.history.entry((whom, index)).or_default();
        *roles = roles.and(role);
    }
}

/// What came and went, exactly: within a block far more can move than there is.
#[derive(Default)]
pub(crate) struct Sums(BTreeMap<(Asset, Address), (i64, u128)>);

impl Sums {
    pub(crate) fn more(&mut self, asset: Asset, of: Address, amount: Amount) {
        let (high, low) = self.0.entry((asset, of)).or_default();
        let (sum, over) = low.overflowing_add(amount.0);
        (*high, *low) = (high.saturating_add(over.into()), sum);
    }

    pub(crate) fn less(&mut self, asset: Asset, of: Address, amount: Amount) {
        let (high, low) = self.0.entry((asset, of)).or_default();
        let (rest, under) = low.overflowing_sub(amount.0);
        (*high, *low) = (high.saturating_sub(under.into()), rest);
    }

    /// `None` if a holding would have changed by more than there can be.
    fn net(self) -> Option<BTreeMap<(Asset, Address), Move>> {
        let net = |(of, sum)| match sum {
            (0, 0) => None,
            (0, low) => Some(Some((of, Move::In(Amount(low))))),
            (-1, low) if low > 0 => Some(Some((of, Move::Out(Amount(low.wrapping_neg()))))),
            _ => Some(None),
        };
        self.0.into_iter().filter_map(net).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COIN: (Asset, Address) = (Asset::Coin, Address(isonomy_crypto::Hash::ZERO));

    fn net(steps: &[(bool, u128)]) -> Option<Option<Move>> {
        let mut sums = Sums::default();
        for (more, amount) in steps {
            let amount = Amount(*amount);
            if *more {
                sums.more(COIN.0, COIN.1, amount)
            } else {
                sums.less(COIN.0, COIN.1, amount)
            }
        }
        sums.net().map(|moves| moves.get(&COIN).copied())
    }

    #[test]
    fn more_may_move_within_a_block_than_there_is() {
        let max = u128::MAX;
        let around = [(true, max), (true, max), (false, max), (false, max), (true, 3)];
        assert_eq!(net(&around), Some(Some(Move::In(Amount(3)))));
        assert_eq!(net(&[(false, max), (false, 9), (true, 9)]), Some(Some(Move::Out(Amount(max)))));
        assert_eq!(net(&[(true, 5), (false, 5)]), Some(None));
        for too_much in [[(true, max), (true, 1)], [(false, max), (false, 1)]] {
            assert_eq!(net(&too_much), None);
        }
    }

    proptest! {
        /// Against a holder who starts with something and ends with something.
        #[test]
        fn what_is_left_is_what_came_less_what_went(
            begin: u128,
            end: u128,
            between in proptest::collection::vec(any::<u128>(), 0..6),
        ) {
            // Down to nothing and up to somewhere, over and over.
            let mut steps = vec![(false, begin)];
            for amount in between {
                steps.extend([(true, amount), (false, amount)]);
            }
            steps.push((true, end));
            let net = net(&steps).unwrap();
            let held = net.map_or(Some(Amount(begin)), |it| it.of(Amount(begin)));
            prop_assert_eq!(held, Some(Amount(end)));
            let back = net.map_or(Some(Amount(end)), |it| it.back().of(Amount(end)));
            prop_assert_eq!(back, Some(Amount(begin)));
        }
    }

    #[test]
    fn roles_have_names() {
        let names = |roles: Roles| roles.names().collect::<Vec<_>>();
        assert_eq!(names(Roles::default()), Vec::<&str>::new());
        assert_eq!(names(Roles::PAYER.and(Roles::TO)), ["payer", "to"]);
        let all = ["payer", "signer", "from", "to", "event", "producer"];
        assert_eq!(names(Roles(u8::MAX)), all);
    }
}
