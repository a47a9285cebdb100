use super::Broken;
use crate::host::Block;
use crate::{ChainSpec, Host, Sim};
use isonomy_consensus::{Trail, check};
use isonomy_crypto::Hash;
use isonomy_ledger::{
    Env, Execute, Executed, Key, Layer, Mode, Order, Pair, ReadFailed, Receipt, Span, StateTree,
    Value, View, state_root,
};
use isonomy_types::{Authority, Header, Params, Transaction};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Every block that any host wrote down, run from genesis by an independent, plain validator:
/// signatures checked, whole states instead of layers, one block after another.
///
/// It keeps the state after each block, so it is for runs with small states.
pub struct Replay {
    pub(super) blocks: BTreeMap<Hash, Replayed>,
    genesis: Hash,
}

/// What a block came to.
pub struct Replayed {
    /// Its header.
    pub header: Header,
    /// Its place and weight.
    pub trail: Trail,
    /// The whole state after it.
    pub state: Arc<BTreeMap<Key, Value>>,
    /// What its transactions came to, then the block's own.
    pub receipts: Vec<Receipt>,
    /// How many transactions it holds.
    pub transactions: usize,
    authority: Arc<Authority>,
    params: Params,
}

/// A state as one plain map.
struct Flat(Arc<BTreeMap<Key, Value>>);

impl View for Flat {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        Ok(self.0.get(key).cloned())
    }

    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        let within = self.0.iter().filter(|(key, _)| span.contains(key));
        let mut found: Vec<_> =
            within.map(|(key, value)| Ok((key.clone(), value.clone()))).collect();
        if order == Order::Down {
            found.reverse();
        }
        Box::new(found.into_iter())
    }
}

impl Replay {
    /// Runs everything again.
    ///
    /// # Errors
    /// Invariant 2 if a block that a host accepted is not valid.
    pub fn of(sim: &Sim) -> Result<Self, Broken> {
        let first = first(&sim.spec);
        let genesis = first.trail.id;
        let mut replay = Self { blocks: BTreeMap::from([(genesis, first)]), genesis };
        let mut blocks: Vec<_> = sim.blocks.iter().collect();
        blocks.sort_by_key(|(id, block)| (block.header.height, **id));
        for (id, block) in blocks {
            let replayed = replay.run(&sim.spec, block).map_err(|why| {
                let holder = sim.hosts().iter().position(|host| host.durable.contains(id));
                Broken {
                    invariant: 2,
                    host: holder.unwrap_or_default(),
                    what: format!("block {id}"),
                    got: why,
                    wanted: "valid".into(),
                }
            })?;
            replay.blocks.insert(*id, replayed);
        }
        Ok(replay)
    }

    fn run(&self, spec: &ChainSpec, block: &Block) -> Result<Replayed, String> {
        let Block { header, body } = block;
        let parent = self.blocks.get(&header.parent).ok_or("without a parent")?;
        let trail = check(&*spec.rules, &parent.trail, &parent.authority, header);
        let trail = trail.map_err(|broken| broken.to_string())?;
        if body.root() != header.body_root {
            return Err("with another body".into());
        }
        let transactions = body.transactions.clone().into_vec();
        let transactions = Transaction::check_all(transactions, &self.genesis);
        let transactions = transactions.map_err(|broken| broken.to_string())?;
        let execute = Execute {
            env: Env {
                genesis: self.genesis,
                height: header.height,
                time: header.time,
                producer: header.producer,
                authority: parent.authority.clone(),
                params: parent.params.clone(),
            },
            modules: spec.modules.clone(),
            view: Arc::new(Flat(parent.state.clone())),
            tree: StateTree::default(),
            transactions: transactions.into_iter().map(Arc::new).collect(),
            mode: Mode::Block,
        };
        let done = execute.run().map_err(|broken| broken.to_string())?;
        let state = parent.state_after(&done.layer);
        compare(header, &done, &state)?;
        Ok(Replayed::new(header.clone(), trail, state, done))
    }

    /// What a block came to, if any host wrote it down.
    #[must_use]
    pub fn get(&self, id: &Hash) -> Option<&Replayed> {
        self.blocks.get(id)
    }

    /// Every block, genesis first among its height.
    pub fn blocks(&self) -> impl Iterator<Item = (&Hash, &Replayed)> {
        self.blocks.iter()
    }

    /// A block and all before it, newest first, down to genesis.
    pub fn branch(&self, id: Hash) -> impl Iterator<Item = (Hash, &Replayed)> {
        let mut next = Some(id);
        std::iter::from_fn(move || {
            let id = next?;
            let block = self.blocks.get(&id)?;
            next = (id != self.genesis).then_some(block.header.parent);
            Some((id, block))
        })
    }

    /// How many transactions of a branch took effect.
    #[must_use]
    pub fn confirmed(&self, id: Hash) -> usize {
        let effective = |block: &Replayed| {
            let own = block.receipts.iter().take(block.transactions);
            own.filter(|receipt| receipt.code == 0).count()
        };
        self.branch(id).map(|(_, block)| effective(block)).sum()
    }

    /// Whether the nodes' receipts are the same as those of the plain run, for every block of their
    /// branches.
    ///
    /// # Errors
    /// Invariant 6.
    pub fn compare(&self, sim: &Sim) -> Result<(), Broken> {
        for (index, host) in sim.hosts().iter().enumerate() {
            let Some(node) = host.node() else { continue };
            for (id, block) in self.branch(node.chain().best().id) {
                let receipts = receipts(host, &id);
                let same = receipts.as_ref().is_some_and(|receipts| *receipts == block.receipts);
                Broken::check(6, index, format_args!("receipts of {id} as replayed"), same, true)?;
            }
        }
        Ok(())
    }
}

impl Replayed {
    fn state_after(&self, layer: &Layer) -> Arc<BTreeMap<Key, Value>> {
        let mut state = self.state.as_ref().clone();
        apply(&mut state, layer);
        Arc::new(state)
    }

    fn new(header: Header, trail: Trail, state: Arc<BTreeMap<Key, Value>>, done: Executed) -> Self {
        Self {
            header,
            trail,
            state,
            transactions: done.included.len(),
            receipts: done.receipts,
            authority: done.next_authority,
            params: done.next_params,
        }
    }
}

fn first(spec: &ChainSpec) -> Replayed {
    let tip = &spec.genesis.tip;
    let mut state = BTreeMap::new();
    apply(&mut state, &spec.genesis.layer);
    let receipts = spec.genesis.blocks.first().map(|block| block.receipts.clone());
    Replayed {
        header: tip.header.clone(),
        trail: tip.trail.clone(),
        state: Arc::new(state),
        receipts: receipts.unwrap_or_default(),
        transactions: 0,
        authority: tip.authority.clone(),
        params: tip.params.clone(),
    }
}

fn apply(state: &mut BTreeMap<Key, Value>, layer: &Layer) {
    for (key, value) in &layer.writes {
        match value {
            Some(value) => state.insert(key.into(), value.into()),
            None => state.remove(key),
        };
    }
}

/// The state's root is the naive one, over the whole state; the tree that execution kept is not
/// looked at.
fn compare(
    header: &Header,
    done: &Executed,
    state: &Arc<BTreeMap<Key, Value>>,
) -> Result<(), String> {
    let state_root = state_root(&Flat(state.clone())).map_err(|failed| failed.to_string())?;
    let roots = [
        ("state root", state_root, header.state_root),
        ("receipts root", done.receipts_root, header.receipts_root),
        ("next authority", done.next_authority.hash(), header.next_authority),
        ("next params", done.next_params.hash(), header.next_params),
    ];
    match roots.into_iter().find(|(_, got, wanted)| got != wanted) {
        Some((what, got, wanted)) => Err(format!("with {what} {wanted}, replayed {got}")),
        None => Ok(()),
    }
}

/// From the machine's memory, else from its store.
fn receipts(host: &Host, id: &Hash) -> Option<Vec<Receipt>> {
    let held = host.node().and_then(|node| node.chain().receipts(id)).map(<[Receipt]>::to_vec);
    held.or_else(|| host.archive().receipts(id).ok().flatten())
}
