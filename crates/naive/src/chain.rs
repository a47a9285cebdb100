use crate::draft::receipts_root;
use crate::{
    Call, Draft, Receipt, Rule, State, accounts, assets, list_root, state_root, stateless,
};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Authority, Block, ModuleId, Params, Transaction, Unchecked, Wall};
use std::collections::BTreeMap;

/// What a chain starts with.
#[derive(Clone, Debug, Default)]
pub struct Genesis {
    /// The first block's.
    pub time: Wall,
    /// Bind the first child.
    pub params: Params,
    /// Binds the first child.
    pub authority: Authority,
    /// The first balances, each account once.
    pub allocations: Vec<(Address, u128)>,
    /// Minted for each block.
    pub reward: u128,
    /// What calls to modules of tests do.
    pub calls: BTreeMap<ModuleId, Call>,
    /// Whether signatures are believed.
    pub trusted: bool,
}

/// A chain after a block.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The block's id.
    pub id: Hash,
    /// The chain's.
    pub genesis: Hash,
    /// The block's.
    pub height: u64,
    /// The block's.
    pub time: Wall,
    /// Bind the next block.
    pub params: Params,
    /// Binds the next block.
    pub authority: Authority,
    /// All that there is.
    pub state: State,
    /// The block's, in order.
    pub receipts: Vec<Receipt>,
    /// Fees that nobody got, since genesis.
    pub burned: u128,
    pub(crate) calls: BTreeMap<ModuleId, Call>,
    pub(crate) trusted: bool,
}

/// Why a block is none of this chain's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Broken {
    /// It stands on another.
    Parent,
    /// It is not the next.
    Height,
    /// It is not later than its parent.
    Time,
    /// Its header commits another body.
    BodyRoot,
    /// A transaction at this place breaks these rules.
    Transaction(usize, Vec<Rule>),
    /// Its header commits another state.
    StateRoot,
    /// Its header commits other receipts.
    ReceiptsRoot,
    /// Its header commits another authority.
    NextAuthority,
    /// Its header commits other params.
    NextParams,
}

impl Chain {
    /// The chain of this id, after its first block.
    #[must_use]
    pub fn new(id: Hash, genesis: Genesis) -> Self {
        let mut state = State::new();
        assets::genesis(&mut state, &genesis.allocations, genesis.reward);
        let Genesis { time, params, authority, calls, trusted, .. } = genesis;
        let (height, receipts, burned) = (0, Vec::new(), 0);
        Self {
            id,
            genesis: id,
            height,
            time,
            params,
            authority,
            state,
            receipts,
            burned,
            calls,
            trusted,
        }
    }

    /// The chain after one more block.
    ///
    /// # Errors
    /// A rule that the block breaks.
    pub fn next(&self, block: &Block) -> Result<Self, Broken> {
        let Block { header, body } = block;
        require(header.parent == self.id, Broken::Parent)?;
        require(header.height == self.height + 1, Broken::Height)?;
        require(header.time > self.time, Broken::Time)?;
        let leaves: Vec<_> = body.transactions.iter().map(Transaction::<Unchecked>::leaf).collect();
        require(header.body_root == list_root(&leaves), Broken::BodyRoot)?;
        let mut draft = self.draft(header.time, header.producer);
        for (place, transaction) in body.transactions.iter().enumerate() {
            let mut rules = stateless(transaction, &self.genesis, !self.trusted);
            if rules.is_empty() {
                rules = draft.add(transaction).err().unwrap_or_default();
            }
            require(rules.is_empty(), Broken::Transaction(place, rules))?;
        }
        let next = Self { id: header.id(), ..draft.finish() };
        require(header.state_root == next.state_root(), Broken::StateRoot)?;
        require(header.receipts_root == next.receipts_root(), Broken::ReceiptsRoot)?;
        require(header.next_authority == next.authority.hash(), Broken::NextAuthority)?;
        require(header.next_params == next.params.hash(), Broken::NextParams)?;
        Ok(next)
    }

    /// The chain after all these blocks.
    ///
    /// # Errors
    /// The place of the first block that breaks a rule, and the rule.
    pub fn follow(&self, blocks: &[Block]) -> Result<Self, (usize, Broken)> {
        let mut chain = self.clone();
        for (place, block) in blocks.iter().enumerate() {
            chain = chain.next(block).map_err(|broken| (place, broken))?;
        }
        Ok(chain)
    }

    /// A next block, still empty.
    #[must_use]
    pub fn draft(&self, time: Wall, producer: Address) -> Draft {
        Draft::new(self, time, producer)
    }

    /// The root over the state.
    #[must_use]
    pub fn state_root(&self) -> Hash {
        state_root(&self.state)
    }

    /// The root over the block's receipts.
    #[must_use]
    pub fn receipts_root(&self) -> Hash {
        receipts_root(&self.receipts)
    }

    /// What an account holds.
    #[must_use]
    pub fn balance(&self, account: &Address) -> u128 {
        assets::balance(&self.state, account)
    }

    /// The next counter of an account's lane.
    #[must_use]
    pub fn nonce(&self, account: &Address, lane: u16) -> u64 {
        accounts::next(&self.state, account, lane)
    }
}

fn require(holds: bool, otherwise: Broken) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(otherwise) }
}
