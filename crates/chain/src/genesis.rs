//! The block before all others.
use crate::{Flush, Flushed, Tip};
use alloc::{collections::BTreeMap, sync::Arc, vec, vec::Vec};
use isonomy_consensus::{Rules, Trail};
use isonomy_crypto::{Domain, Hash};
use isonomy_ledger::{Birth, Env, ExecuteError, Executed, Modules, StateTree};
use isonomy_types::{
    Address, Authority, Blob, Body, Encode, Entry, Header, ModuleId, Params, ParamsError, Seal,
    Text, Version, Wall,
};

const SEAL: Domain = Domain::new("isonomy genesis seal 1");

/// Everything that makes a chain that chain and no other. Two that are equal build the same first
/// block, whose id is the chain's; change anything and the id is another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Genesis {
    /// For people.
    pub name: Text<64>,
    /// The first block's.
    pub time: Wall,
    /// Bind the first child.
    pub params: Params,
    /// Binds the first child, unless a module appoints another.
    pub authority: Authority,
    /// What the engine's rules need to agree on, for example an encoded schedule.
    pub settings: Blob<256>,
    /// What each module of the chain starts with, in any order.
    pub modules: Vec<(ModuleId, Vec<u8>)>,
}

/// Why there is no such first block.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GenesisError {
    /// A limit is out of bounds.
    #[error(transparent)]
    Params(ParamsError),
    /// The modules are not the chain's, each once, or one refuses its start.
    #[error(transparent)]
    Birth(ExecuteError),
}

impl Genesis {
    /// The first flush of a new store: the state before the first child, and the first block, at
    /// height 0. Its header's id, `flush.tip.trail.id`, is the chain's id.
    ///
    /// # Errors
    /// See [`GenesisError`].
    pub fn build(&self, rules: &dyn Rules, modules: Arc<Modules>) -> Result<Flush, GenesisError> {
        self.params.check().map_err(GenesisError::Params)?;
        let birth = Birth { env: self.env(), modules, configs: self.modules.clone() };
        let executed = birth.run().map_err(GenesisError::Birth)?;
        Ok(self.flush(rules, executed))
    }

    fn env(&self) -> Env {
        Env {
            genesis: Hash::ZERO,
            height: 0,
            time: self.time,
            producer: Address::default(),
            authority: Arc::new(self.authority.clone()),
            params: self.params.clone(),
        }
    }

    fn flush(&self, rules: &dyn Rules, executed: Executed) -> Flush {
        let header = self.header(&executed);
        let trail = Trail { memory: rules.begin(&header), ..Trail::trusted(&header) };
        let Executed { layer, tree, receipts, next_authority, next_params, .. } = executed;
        let authority = Some(next_authority.as_ref().clone());
        let entry = Entry { header: header.clone(), authority, certificate: None };
        let first = Flushed { entry, trail: trail.clone(), transactions: Vec::new(), receipts };
        let (authority, params) = (next_authority, next_params);
        let tip = Tip { header, trail, authority, params, certificate: None };
        let (layer, before) = (layer.as_ref().clone(), StateTree::default());
        Flush { layer, before, tree, tip, blocks: vec![first] }
    }

    fn header(&self, executed: &Executed) -> Header {
        Header {
            version: Version,
            parent: Hash::ZERO,
            height: 0,
            time: self.time,
            producer: Address::default(),
            body_root: Body::default().root(),
            state_root: executed.tree.root(),
            receipts_root: executed.receipts_root,
            next_authority: executed.next_authority.hash(),
            next_params: executed.next_params.hash(),
            seal: self.seal(),
        }
    }

    /// Binds what the rest of the header does not: the name, the settings, and the modules, since
    /// one of them may leave no trace in the state.
    fn seal(&self) -> Seal {
        let modules: BTreeMap<_, _> =
            self.modules.iter().map(|(id, config)| (id, config)).collect();
        let hash = (&self.name, &self.settings, modules).digest(&SEAL);
        Seal::truncated(hash.as_bytes().to_vec())
    }
}
