//! What this validator will say, and no other: made before it is signed, durable before it is
//! signed, known again after a crash.
use crate::rules::{Phase, Signed, Statement};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::Hash;
use isonomy_types::{List, MEMBERS_MAX};
use std::collections::BTreeMap;

/// One promise, as it is recorded.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) struct Promise {
    pub(crate) statement: Statement,
    /// Of a commit: the prepares it rests on. They let go whoever is committed to less, so they must
    /// outlive a crash too.
    pub(crate) grounds: List<Signed, MEMBERS_MAX>,
}

#[derive(Default)]
pub(crate) struct Promises(BTreeMap<(u64, u32, Phase), Made>);

struct Made {
    what: Hash,
    durable: bool,
    grounds: List<Signed, MEMBERS_MAX>,
}

impl Promises {
    pub(crate) fn make(&mut self, promise: Promise, durable: bool) {
        let Promise { statement: Statement { height, round, phase, what }, grounds } = promise;
        self.0.entry((height, round, phase)).or_insert(Made { what, durable, grounds });
    }

    pub(crate) fn recorded(&mut self, statement: &Statement) {
        let Statement { height, round, phase, .. } = *statement;
        if let Some(made) = self.0.get_mut(&(height, round, phase)) {
            made.durable = true;
        }
    }

    pub(crate) fn contains(&self, height: u64, round: u32, phase: Phase) -> bool {
        self.0.contains_key(&(height, round, phase))
    }

    /// The latest round of a height in which something was promised.
    pub(crate) fn round(&self, height: u64) -> u32 {
        self.of(height).next_back().map_or(0, |((_, round, _), _)| *round)
    }

    /// What may be signed in one round.
    pub(crate) fn due(&self, height: u64, round: u32) -> Vec<Statement> {
        let due = self.of(height).filter(|((_, of, _), made)| *of == round && made.durable);
        due.map(|((_, _, phase), made)| {
            let (phase, what) = (*phase, made.what);
            Statement { height, round, phase, what }
        })
        .collect()
    }

    /// The latest commit of a height: no other block is prepared, unless two thirds have prepared
    /// it since.
    pub(crate) fn lock(&self, height: u64) -> Option<(u32, Hash)> {
        let mut commits = self.of(height).filter(|((_, _, phase), _)| *phase == Phase::Commit);
        commits.next_back().map(|((_, round, _), made)| (*round, made.what))
    }

    /// The prepares that the commits of a height rest on.
    pub(crate) fn grounds(&self, height: u64) -> impl Iterator<Item = &Signed> {
        self.of(height).flat_map(|(_, made)| made.grounds.iter())
    }

    /// What was said up to a final block is settled.
    pub(crate) fn forget(&mut self, height: u64) {
        self.0.retain(|(of, _, _), _| *of > height);
    }

    fn of(&self, height: u64) -> impl DoubleEndedIterator<Item = (&(u64, u32, Phase), &Made)> {
        self.0.range((height, 0, Phase::Enter)..=(height, u32::MAX, Phase::Commit))
    }
}
