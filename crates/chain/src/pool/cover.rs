//! What waits takes no more from an account than it holds.
use super::{Pool, PoolRefused, Waiting};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use isonomy_crypto::Hash;
use isonomy_ledger::Standing;
use isonomy_types::{Address, Amount, Checked, Transaction};

impl Pool {
    /// What the state of a new best says of those that wait. Lets go, the last to come first, of what
    /// an account can no longer pay besides all before it, and of what waits for that. Returns every
    /// id that left.
    ///
    /// Of one that is not named nothing new is known: it stays, and counts.
    pub fn cover(&mut self, standings: &[(Hash, Standing)]) -> Vec<Hash> {
        let mut holds = BTreeMap::new();
        for (id, standing) in standings {
            let Some(waiting) = self.waiting.get_mut(id) else { continue };
            waiting.pays.clone_from(&standing.pays);
            let signers = waiting.transaction.intent().signers.iter();
            let accounts = signers.map(|signer| signer.account);
            holds.extend(accounts.zip(standing.holds.iter().copied()));
        }
        let mut due = BTreeMap::new();
        let mut left = Vec::new();
        for transaction in self.in_order() {
            let Some(waiting) = self.waiting.get(&transaction.id()) else { continue };
            if !waiting.add(&mut due, &holds) {
                left.extend(self.drop(&[transaction.id()]));
            }
        }
        left
    }

    /// Whether each signer can pay for it besides all that waits, once `replaced` are gone.
    pub(super) fn judge_cover(
        &self,
        transaction: &Transaction<Checked>,
        standing: &Standing,
        replaced: &BTreeSet<Hash>,
    ) -> Result<(), PoolRefused> {
        for (index, signer) in transaction.intent().signers.iter().enumerate() {
            let amount = |list: &[Amount]| list.get(index).copied().unwrap_or_default();
            let (account, limit) = (signer.account, amount(&standing.holds));
            let got = plus(self.due(account, replaced), amount(&standing.pays));
            if got > limit {
                return Err(PoolRefused::Uncovered { account, got, limit });
            }
        }
        Ok(())
    }

    /// The most that what waits takes from an account, without `replaced`.
    fn due(&self, account: Address, replaced: &BTreeSet<Hash>) -> Amount {
        let lanes = self.lanes.range((account, 0)..=(account, u16::MAX));
        let ids = lanes.flat_map(|(_, lane)| &lane.ids).filter(|id| !replaced.contains(id));
        let waiting = ids.filter_map(|id| self.waiting.get(id));
        let shares = waiting.flat_map(Waiting::shares).filter(|(of, _)| *of == account);
        shares.fold(Amount::ZERO, |sum, (_, share)| plus(sum, share))
    }
}

impl Waiting {
    /// What it takes from whom.
    fn shares(&self) -> impl Iterator<Item = (Address, Amount)> {
        let signers = self.transaction.intent().signers.iter();
        signers.map(|signer| signer.account).zip(self.pays.iter().copied())
    }

    /// Adds its shares to what is due, if every account holds as much.
    fn add(&self, due: &mut BTreeMap<Address, Amount>, holds: &BTreeMap<Address, Amount>) -> bool {
        let sum = |(of, share)| (of, plus(due.get(&of).copied().unwrap_or_default(), share));
        let sums: Vec<_> = self.shares().map(sum).collect();
        let covered = sums.iter().all(|(of, sum)| holds.get(of).is_none_or(|held| sum <= held));
        if covered {
            due.extend(sums);
        }
        covered
    }
}

/// What is known of a transaction that the ledger was not asked about: the payer's highest fee.
pub(super) fn fee_alone(transaction: &Transaction<Checked>) -> Vec<Amount> {
    let fee = Some(transaction.intent().max_fee());
    let rest = core::iter::repeat(Amount::ZERO);
    let amounts = fee.into_iter().chain(rest);
    amounts.take(transaction.intent().signers.len()).collect()
}

/// As much as there can be, if it is more than that.
fn plus(sum: Amount, more: Amount) -> Amount {
    sum.checked_add(more).unwrap_or(Amount::MAX)
}
