//! What was signed, found from digests alone: the protocol's statements are known, and nothing of
//! how engines come to them.
use crate::rules::{Phase, Statement};
use crate::witness::Log;
use isonomy_crypto::{Hash, PublicKey};
use std::collections::{BTreeMap, BTreeSet};

/// No run reaches so many rounds at one height.
const ROUNDS_MAX: u32 = 32;

impl Log {
    /// What each key signed, by height, round and phase.
    pub(crate) fn statements(&self) -> BTreeMap<(PublicKey, u64, u32, Phase), BTreeSet<Hash>> {
        let mut known = BTreeMap::new();
        // Of the newest height there may be no block yet.
        let top = self.whats.keys().next_back().map_or(0, |height| height + 1);
        let entered = (0..=top).map(|height| (height, Hash::ZERO));
        let named = self.whats.iter();
        let named = named.flat_map(|(height, whats)| whats.iter().map(|what| (*height, *what)));
        let all = named.chain(entered);
        for (height, what) in all {
            for round in 0..ROUNDS_MAX {
                for phase in [Phase::Enter, Phase::Propose, Phase::Prepare, Phase::Commit] {
                    let statement = Statement { height, round, phase, what };
                    known.insert(statement.to_sign(), statement);
                }
            }
        }
        let mut statements: BTreeMap<_, BTreeSet<Hash>> = BTreeMap::new();
        for (key, digest) in &self.signed {
            let Statement { height, round, phase, what } =
                *known.get(digest).expect("a signature under nothing known");
            statements.entry((*key, height, round, phase)).or_default().insert(what);
        }
        statements
    }

    pub(crate) fn rounds(&self, height: u64) -> u32 {
        let statements = self.statements();
        let rounds = statements.keys().filter(|(_, of, ..)| *of == height);
        rounds.map(|(_, _, round, _)| *round).max().unwrap_or_default()
    }

    /// Who signed two different things for one height, round and phase, and when first.
    pub(crate) fn liars(&self) -> BTreeMap<PublicKey, (u64, u32, Phase)> {
        let mut liars = BTreeMap::new();
        for ((key, height, round, phase), whats) in self.statements() {
            if whats.len() > 1 {
                liars.entry(key).or_insert((height, round, phase));
            }
        }
        liars
    }
}
