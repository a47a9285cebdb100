use crate::accounts::{self, first_key};
use crate::short::Short;
use crate::{Key, Modules};
use alloc::{sync::Arc, vec::Vec};
use isonomy_types::{Checked, Transaction};

/// Transactions whose keys are read ahead together: enough to keep memory busy, few enough that
/// what was read is still in the cache when it is asked for.
pub(crate) const AHEAD: usize = 64;

/// Adds the keys that these transactions are likely to read.
pub(crate) fn expected<'a>(
    modules: &Modules,
    transactions: impl Iterator<Item = &'a Arc<Transaction<Checked>>>,
    keys: &mut Vec<Key>,
) {
    for intent in transactions.map(|transaction| transaction.intent()) {
        for signer in intent.signers.iter() {
            keys.push((&*first_key(&signer.account)).into());
        }
        for action in intent.actions.iter().filter(|action| action.module != accounts::ID) {
            let by = intent.signers.get(usize::from(action.by));
            if let (Ok(module), Some(by)) = (modules.get(action.module), by) {
                let id = action.module.to_be_bytes();
                module.expects(by.account, &action.payload, &mut |key| {
                    keys.push((&*Short::new().with(&id).with(key)).into());
                });
            }
        }
    }
}
