use crate::Modules;
use crate::accounts::{self, first_key};
use alloc::{sync::Arc, vec::Vec};
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
    transactions: impl Iterator<Item = &'a Arc<Transaction<Checked>>>,
    keys: &mut Keys,
) {
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
