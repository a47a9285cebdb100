//! From a body to a layer.
use super::{Chain, State};
use crate::{BlockInvalid, ExecuteRefused, Outcome};
use alloc::{sync::Arc, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_ledger::{Env, Execute, ExecuteError, Executed, Mode};
use isonomy_types::{Address, Checked, Header, Transaction, Wall};

impl Chain {
    /// The work of executing a block whose parent is executed, on best's branch or off it.
    ///
    /// # Errors
    /// When it cannot be executed now.
    pub fn execute(&self, id: Hash) -> Result<Execute, ExecuteRefused> {
        let header = self.header(&id).filter(|_| !self.tree.is_condemned(&id));
        let Header { parent, time, producer, .. } = *header.ok_or(ExecuteRefused::Unknown)?;
        if self.states.contains_key(&id) {
            return Err(ExecuteRefused::Done);
        }
        let body = self.bodies.get(&id).ok_or(ExecuteRefused::BodyMissing)?;
        let transactions = body.transactions.to_vec();
        let execute = self.run_on(parent, time, producer, transactions, Mode::Block);
        execute.ok_or(ExecuteRefused::ParentNotExecuted { parent })
    }

    /// The work of filling a block on an executed parent out of `candidates`, in their order. The
    /// header made from it must carry this time, which is later than the parent's, and producer.
    #[must_use]
    pub fn template(
        &self,
        parent: Hash,
        time: Wall,
        producer: Address,
        candidates: Vec<Arc<Transaction<Checked>>>,
    ) -> Option<Execute> {
        self.run_on(parent, time, producer, candidates, Mode::Template)
    }

    /// What the child of an executed block would tell its transactions.
    #[must_use]
    pub fn next_env(&self, id: &Hash, time: Wall, producer: Address) -> Option<Env> {
        let height = self.tree.get(id)?.height.checked_add(1)?;
        let (authority, params) = (self.authority_after(id)?, self.params_after(id)?.clone());
        Some(Env { genesis: self.genesis, height, time, producer, authority, params })
    }

    fn run_on(
        &self,
        parent: Hash,
        time: Wall,
        producer: Address,
        transactions: Vec<Arc<Transaction<Checked>>>,
        mode: Mode,
    ) -> Option<Execute> {
        let env = self.next_env(&parent, time, producer)?;
        let (modules, view) = (self.modules.clone(), self.parent_view(&parent)?);
        let tree = self.states.get(&parent)?.tree.clone();
        Some(Execute { env, modules, view, tree, transactions, mode })
    }

    /// Takes what executing `id` came to. If that is what the header says, the block has a state
    /// from now on; if not, or if execution refused the block, it is condemned with all that
    /// descends from it. A read that failed says nothing about the block: execute it again.
    pub fn executed(&mut self, id: Hash, result: Result<Executed, ExecuteError>) -> Outcome {
        let Some(header) = self.in_work(&id) else { return Outcome::Nothing };
        let why = match result {
            Err(ExecuteError::Read(_)) => return Outcome::Nothing,
            Err(why) => BlockInvalid::Execute(why),
            Ok(done) => match mismatch(header, &done) {
                Some(why) => why,
                None => return self.settle(id, done),
            },
        };
        Outcome::Condemned { why, ids: self.condemn(id) }
    }

    /// The header of a block that has a body, an executed parent and no verdict.
    fn in_work(&self, id: &Hash) -> Option<&Header> {
        let header = self.header(id).filter(|_| self.bodies.contains_key(id))?;
        let open = !self.states.contains_key(id) && !self.tree.is_condemned(id);
        (open && self.states.contains_key(&header.parent)).then_some(header)
    }

    fn settle(&mut self, id: Hash, done: Executed) -> Outcome {
        let Executed { layer, joined, tree, receipts, next_authority: authority, .. } = done;
        let params = done.next_params;
        // The base may have moved since the work began.
        let parent = self.tree.get(&id).and_then(|trail| self.states.get(&trail.parent));
        let tree = parent.map_or_else(|| tree.clone(), |parent| tree.following(&parent.tree));
        let bytes = self.bodies.get(&id).map_or(0, |body| body.bytes);
        self.waits_no_more(bytes);
        self.joined.extend(joined.map(|joined| (id, joined)));
        self.states.insert(id, State { layer, tree, receipts, params });
        self.authorities.entry(authority.hash()).or_insert_with(|| authority.clone());
        Outcome::Executed { authority }
    }
}

/// The first field of the header in which execution came to something else.
fn mismatch(header: &Header, done: &Executed) -> Option<BlockInvalid> {
    let fields = [
        ("the state root", done.tree.root(), header.state_root),
        ("the receipts root", done.receipts_root, header.receipts_root),
        ("the next authority", done.next_authority.hash(), header.next_authority),
        ("the next params", done.next_params.hash(), header.next_params),
    ];
    let wrong = fields.into_iter().find(|(_, got, limit)| got != limit);
    wrong.map(|(what, got, limit)| BlockInvalid::Commitment { what, got, limit })
}
