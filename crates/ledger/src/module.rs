use crate::accounts::{self, Accounts};
use crate::{Context, Fault};
use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};
use isonomy_types::{Address, Amount, ModuleId};

/// A part of a chain's ledger. Stateless: all it knows is behind its [`Context`].
///
/// A call must give the same result on every node: no clock, no randomness, no order of a hash map,
/// no floats. A failing `begin` or `end` makes the block invalid, so they fail only where the chain
/// had better stop.
///
/// ```
/// use isonomy_ledger::{Context, Fault, Item, Module};
///
/// /// Counts how often it was called.
/// struct Counter;
/// const COUNT: Item<u64> = Item::new(0);
///
/// impl Module for Counter {
///     fn call(&self, ctx: &mut Context<'_>, _payload: &[u8]) -> Result<Vec<u8>, Fault> {
///         let count = COUNT.get(ctx)?.unwrap_or(0).saturating_add(1);
///         COUNT.set(ctx, &count)?;
///         Ok(Vec::new())
///     }
///
///     fn describe(&self, _payload: &[u8]) -> String {
///         "count one more".into()
///     }
/// }
/// ```
pub trait Module: Send + Sync {
    /// The other modules that this one may call and query. Itself it always may.
    ///
    /// Nothing else leads from one module to another's keys, so these lists say all that can happen.
    fn calls(&self) -> &[ModuleId] {
        &[]
    }

    /// Writes the first state. A module without one refuses any configuration.
    ///
    /// # Errors
    /// The chain cannot start.
    fn genesis(&self, _ctx: &mut Context<'_>, config: &[u8]) -> Result<(), Fault> {
        if config.is_empty() { Ok(()) } else { Err(Fault::Unsupported) }
    }

    /// Runs before a block's transactions, unmetered.
    ///
    /// # Errors
    /// The block is invalid.
    fn begin(&self, _ctx: &mut Context<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// Runs one action for [`Context::caller`]. What it returns goes to a calling module.
    ///
    /// # Errors
    /// The call has no effect but what it cost.
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault>;

    /// Answers without writing.
    ///
    /// # Errors
    /// The module's own.
    fn query(&self, _ctx: &mut Context<'_>, _payload: &[u8]) -> Result<Vec<u8>, Fault> {
        Err(Fault::Unsupported)
    }

    /// Runs after a block's transactions and after the fees are paid, unmetered.
    ///
    /// # Errors
    /// The block is invalid.
    fn end(&self, _ctx: &mut Context<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// Says in plain words what a call with this payload does.
    fn describe(&self, payload: &[u8]) -> String;

    /// Takes from or gives to an account in the coin that pays fees, or burns what was taken,
    /// unmetered. Only the chain's purse is ever asked. What was taken can always be given again.
    ///
    /// # Errors
    /// The account cannot pay.
    fn purse(&self, _ctx: &mut Context<'_>, _of: Address, _change: Purse) -> Result<(), Fault> {
        Err(Fault::Unsupported)
    }

    /// Tells which of its own keys a call with this payload is likely to read, so that many are read
    /// at once. A hint: nothing but speed depends on it.
    fn expects(&self, _by: Address, _payload: &[u8], _key: &mut dyn FnMut(&[u8])) {}

    /// What an account holds in the coin that pays fees. Only the chain's purse is ever asked, for
    /// transactions that want to wait in a pool.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn means(&self, _ctx: &mut Context<'_>, _of: Address) -> Result<Amount, Fault> {
        Err(Fault::Unsupported)
    }

    /// The most that a call with this payload takes from its caller's [`means`](Self::means),
    /// without the fee. Only the chain's purse is ever asked.
    fn takes(&self, _payload: &[u8]) -> Amount {
        Amount::ZERO
    }
}

/// A change of an account's means to pay fees.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purse {
    /// A fee is reserved.
    Take(Amount),
    /// A fee is returned, or paid out to a producer.
    Give(Amount),
    /// Fees that were taken go to nobody: there is so much less. Asked in nobody's name, once a
    /// block, and never for more than was taken.
    Burn(Amount),
}

/// A chain's modules: chosen at run time, named in genesis for good.
#[derive(Default)]
pub struct Modules {
    list: BTreeMap<ModuleId, Box<dyn Module>>,
    purse: Option<ModuleId>,
}

/// Why a module cannot have its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ModulesError {
    /// The id is the accounts' own.
    #[error("module id {0} belongs to the accounts")]
    Reserved(ModuleId),
    /// Another module has the id.
    #[error("module id {0} is taken")]
    Taken(ModuleId),
    /// No module has the id.
    #[error("no module has the id {0}")]
    Unknown(ModuleId),
}

impl Modules {
    /// Adds a module.
    ///
    /// # Errors
    /// If the id is [`accounts::ID`] or taken.
    pub fn with(
        mut self,
        id: ModuleId,
        module: impl Module + 'static,
    ) -> Result<Self, ModulesError> {
        if id == accounts::ID {
            return Err(ModulesError::Reserved(id));
        }
        match self.list.insert(id, Box::new(module)) {
            None => Ok(self),
            Some(_) => Err(ModulesError::Taken(id)),
        }
    }

    /// Names the module through which fees are paid. Without one, nothing costs anything.
    ///
    /// # Errors
    /// If there is no such module.
    pub fn purse(self, id: ModuleId) -> Result<Self, ModulesError> {
        if !self.list.contains_key(&id) {
            return Err(ModulesError::Unknown(id));
        }
        Ok(Self { purse: Some(id), ..self })
    }

    /// The ids, ascending, without the accounts' own.
    #[must_use]
    pub fn ids(&self) -> Vec<ModuleId> {
        self.list.keys().copied().collect()
    }

    /// The module of this id, the accounts' own included.
    ///
    /// # Errors
    /// [`Fault::UnknownModule`].
    pub fn get(&self, id: ModuleId) -> Result<&dyn Module, Fault> {
        match self.list.get(&id) {
            Some(module) => Ok(module.as_ref()),
            None if id == accounts::ID => Ok(&Accounts),
            None => Err(Fault::UnknownModule(id)),
        }
    }

    pub(crate) const fn fees_through(&self) -> Option<ModuleId> {
        self.purse
    }
}
