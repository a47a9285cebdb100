use crate::Modules;
use crate::accounts::{self, first_key};
use alloc::{sync::Arc, vec::Vec};
use core::hint::black_box;
use isonomy_types::{Checked, Transaction};

/// Transactions whose keys are read ahead together: enough to keep memory busy, few enough that
/// what was read is still in the cache when it is asked for.
pub(crate) const AHEAD: usize = 64;

/// Whole keys, one behind the other in one piece of memory.
#[derive(Default)]
pub(crate) struct Keys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Keys {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Adds the key that consists of these parts.
    pub(crate) fn push(&mut self, parts: &[&[u8]]) {
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        self.ends.push(self.bytes.len());
    }

    pub(crate) const fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let key = self.bytes.get(start..*end).unwrap_or_default();
            start = *end;
            key
        })
    }
}

/// Adds the keys that these transactions are likely to read.
pub(crate) fn expected<'a>(
    modules: &Modules,
    transactions: impl Iterator<Item = &'a Arc<Transaction<Checked>>> + Clone,
    keys: &mut Keys,
) {
    touch(transactions.clone());
    for intent in transactions.map(|transaction| transaction.intent()) {
        for signer in intent.signers.iter() {
            keys.push(&[&first_key(&signer.account)]);
        }
        for action in intent.actions.iter().filter(|action| action.module != accounts::ID) {
            let by = intent.signers.get(usize::from(action.by));
            if let (Ok(module), Some(by)) = (modules.get(action.module), by) {
                let id = action.module.to_be_bytes();
                module.expects(by.account, &action.payload, &mut |key| keys.push(&[&id, key]));
            }
        }
    }
}

/// Brings what these transactions hold into the cache: one piece of each, then the next, so that the
/// reads are under way at once.
fn touch<'a>(transactions: impl Iterator<Item = &'a Arc<Transaction<Checked>>> + Clone) {
    let intents = || transactions.clone().map(|transaction| transaction.intent());
    for transaction in transactions.clone() {
        black_box((transaction.intent().signers.len(), transaction.id().as_bytes().first()));
        black_box(transaction.policies().len());
    }
    for transaction in transactions.clone() {
        black_box(transaction.policies().first().map(|policy| policy.as_bytes()[0]));
        black_box(transaction.witnesses().first().map(|witness| witness.signatures.len()));
    }
    for intent in intents() {
        black_box(intent.signers.first().map(|signer| signer.nonce.seq));
        black_box(intent.actions.first().map(|action| action.payload.len()));
    }
    for transaction in transactions.clone() {
        let witness = transaction.witnesses().first();
        black_box(
            witness.and_then(|witness| witness.signatures.first()).is_some_and(Option::is_some),
        );
    }
    for intent in intents() {
        black_box(intent.actions.first().and_then(|action| action.payload.first().copied()));
    }
}
