use crate::Sim;
use isonomy_node::Done;
use std::sync::Arc;

/// How often a mutant garbles what it sends.
const GARBLES_PERMILLE: u64 = 20;

/// How a host breaks a promise on purpose, so that a test can show which check sees it. Never part
/// of a node: each twists what stands around one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mutant {
    /// Its store acknowledges what it appends to the log, and does not keep it.
    Forgets,
    /// Executing a block gives other receipts, under the same roots.
    MiscountsReceipts,
    /// Executing a block leaves one value more in the state, under the same roots.
    MiscountsState,
    /// Its links are never closed.
    Clings,
    /// What it sends has a byte wrong now and then.
    Garbles,
    /// Its clock stands still, and checks of transactions never end.
    Hangs,
}

impl Mutant {
    pub(crate) fn twist(self, done: &mut Done) {
        let Done::Executed(Ok(executed)) = done else { return };
        match self {
            Self::MiscountsReceipts => {
                if let Some(receipt) = executed.receipts.first_mut() {
                    receipt.meter = receipt.meter.wrapping_add(1);
                }
            }
            Self::MiscountsState => {
                let (key, value) = (b"~more".as_slice().into(), b"!".as_slice().into());
                Arc::make_mut(&mut executed.layer).writes.insert(key, Some(value));
                // Joined with others it is without the value.
                executed.joined = None;
            }
            _ => {}
        }
    }
}

impl Sim {
    pub(crate) fn is_mutant(&self, host: usize, mutant: Mutant) -> bool {
        self.hosts.get(host).and_then(|host| host.mutant).is_some_and(|(own, _)| own == mutant)
    }

    /// Changes the first byte of what a garbling host sends, now and then.
    pub(crate) fn garble(&mut self, host: usize, bytes: &mut [u8]) {
        if self.is_mutant(host, Mutant::Garbles)
            && self.dice.chance(GARBLES_PERMILLE)
            && let Some(first) = bytes.first_mut()
        {
            *first ^= 0x80;
        }
    }
}
