use crate::event::bounded;
use crate::session::{Next, Session};
use crate::short::Short;
use crate::{Env, Fault, Module, Modules, Order, Span, Value, cost};
use alloc::{sync::Arc, vec::Vec};
use isonomy_types::{
    Address, Authority, Decode, EVENT_BYTES_MAX, Encode, ModuleId, Params, Policy,
};

/// Levels of calls, queries and savepoints inside one another: a bound on the stack that hostile
/// calls can use (attack 7).
pub const DEPTH_MAX: u8 = 16;

/// A module's whole world during one call. Its keys are its own: the module's id is put in front.
pub struct Context<'a> {
    session: &'a mut Session,
    scope: Scope,
}

/// Who runs, for whom, and how far down.
#[derive(Clone, Copy)]
struct Scope {
    module: ModuleId,
    caller: Option<Address>,
    depth: u8,
    read_only: bool,
}

impl<'a> Context<'a> {
    pub(crate) const fn new(
        session: &'a mut Session,
        module: ModuleId,
        caller: Option<Address>,
    ) -> Self {
        Self { session, scope: Scope { module, caller, depth: 0, read_only: false } }
    }

    /// For queries: writes are refused.
    pub(crate) const fn reading(session: &'a mut Session, module: ModuleId) -> Self {
        Self { session, scope: Scope { module, caller: None, depth: 0, read_only: true } }
    }

    /// Whose authority this call has: one signer's, or the calling module's. Never more. Nobody's
    /// in `genesis`, `begin`, `end`, `purse` and queries.
    #[must_use]
    pub const fn caller(&self) -> Option<Address> {
        self.scope.caller
    }

    /// The account that this module itself is.
    #[must_use]
    pub fn own_address(&self) -> Address {
        Policy::Module(self.scope.module).address()
    }

    /// What the block tells its transactions.
    #[must_use]
    pub const fn env(&self) -> &Env {
        &self.session.env
    }

    /// The authority that will bind the next block, as things stand.
    #[must_use]
    pub const fn next_authority(&self) -> &Arc<Authority> {
        &self.session.next.authority
    }

    /// Appoints the authority that binds the next block.
    ///
    /// # Errors
    /// In a query, or when the meter runs out.
    pub fn set_next_authority(&mut self, next: Arc<Authority>) -> Result<(), Fault> {
        self.writable()?;
        self.session.meter.charge(cost::write(next.encoded_len()))?;
        let params = self.session.next.params.clone();
        self.session.set_next(Next { authority: next, params });
        Ok(())
    }

    /// The params that will bind the next block, as things stand.
    #[must_use]
    pub const fn next_params(&self) -> &Params {
        &self.session.next.params
    }

    /// Decides the params that bind the next block. The base fee is not a module's to decide: it
    /// goes on from this block's, within the new floor and ceiling, whatever `next` says.
    ///
    /// # Errors
    /// In a query, when the meter runs out, or if they break [`Params::check`].
    pub fn set_next_params(&mut self, mut next: Params) -> Result<(), Fault> {
        self.writable()?;
        self.session.meter.charge(cost::write(next.encoded_len()))?;
        next.base_fee = next.within(self.env().params.base_fee);
        next.check().map_err(Fault::Params)?;
        let authority = self.session.next.authority.clone();
        self.session.set_next(Next { authority, params: next });
        Ok(())
    }

    /// The value under a key of this module.
    ///
    /// # Errors
    /// When the key is too long, the meter runs out or the state cannot be read.
    pub fn get(&mut self, key: &[u8]) -> Result<Option<Value>, Fault> {
        let key = self.key(key)?;
        self.session.meter.charge(cost::READ)?;
        let found = self.session.get(&key)?;
        let bytes = found.as_ref().map_or(0, |value| value.len());
        self.session.meter.charge(cost::bytes_read(bytes))?;
        Ok(found)
    }

    /// The value under a whole key of this module, read as `T` without a copy.
    pub(crate) fn get_at<T: Decode>(&mut self, key: &Short) -> Result<Option<T>, Fault> {
        self.session.meter.charge(cost::READ)?;
        let (bytes, value) = self
            .session
            .read(key, |value| (value.map_or(0, <[u8]>::len), value.map(T::decode_exact)))?;
        self.session.meter.charge(cost::bytes_read(bytes))?;
        value.transpose().map_err(Fault::Stored)
    }

    /// Puts `value` under a key of this module. An empty value is a removal.
    ///
    /// # Errors
    /// In a query, when key or value is too long, or the meter runs out.
    pub fn set(&mut self, key: &[u8], value: &[u8]) -> Result<(), Fault> {
        self.writable()?;
        let key = self.key(key)?;
        self.set_at(&key, value)
    }

    /// The same under a whole key of this module.
    pub(crate) fn set_at(&mut self, key: &Short, value: &[u8]) -> Result<(), Fault> {
        self.writable()?;
        let limit = self.env().params.value_bytes as usize;
        if value.len() > limit {
            return Err(Fault::Value { got: value.len(), limit });
        }
        self.session.meter.charge(cost::write(key.len().saturating_add(value.len())))?;
        self.session.put(key, value);
        Ok(())
    }

    /// Removes a key of this module, if it is there.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn remove(&mut self, key: &[u8]) -> Result<(), Fault> {
        self.set(key, &[])
    }

    /// At most `limit` pairs of `span`, whose ends are keys of this module, as are the keys found.
    /// Every step is paid for.
    ///
    /// # Errors
    /// When an end is too long, the meter runs out or the state cannot be read.
    pub fn scan(
        &mut self,
        span: &Span,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Value)>, Fault> {
        self.session.meter.charge(cost::SCAN)?;
        let own = Span::prefix(&self.scope.module.to_be_bytes());
        let to = span.to.as_ref().map(|to| self.key(to)).transpose()?.map(|to| to.to_vec());
        let span = Span { from: self.key(&span.from)?.to_vec(), to: to.or(own.to) };
        let pairs = self.session.scan(&span, order, limit)?.into_iter();
        let bare = |key: &[u8]| key.get(own.from.len()..).unwrap_or_default().to_vec();
        Ok(pairs.map(|(key, value)| (bare(&key), value)).collect())
    }

    /// Pays for work that reads and writes do not show.
    ///
    /// # Errors
    /// When the meter runs out. The transaction fails then, even if the module goes on.
    pub fn charge(&mut self, units: u64) -> Result<(), Fault> {
        self.session.meter.charge(units)
    }

    /// Meter units that are left.
    #[must_use]
    pub const fn meter_left(&self) -> u64 {
        self.session.meter.limit.saturating_sub(self.session.meter.used)
    }

    /// Says in the receipt what happened.
    ///
    /// # Errors
    /// In a query, when the event is too long or one too many, or the meter runs out.
    pub fn emit(&mut self, payload: &[u8]) -> Result<(), Fault> {
        self.emit_keyed(&[], payload)
    }

    /// The same, to be found under `keys`: the accounts involved first, then what it is about.
    ///
    /// # Errors
    /// As [`emit`](Self::emit), and when a key is too long or one too many.
    pub fn emit_keyed(&mut self, keys: &[&[u8]], payload: &[u8]) -> Result<(), Fault> {
        self.writable()?;
        let got = keys.iter().fold(payload.len(), |sum, key| sum.saturating_add(key.len()));
        self.session.meter.charge(cost::event(keys.len(), got))?;
        let limit = (self.env().params.event_bytes as usize).min(EVENT_BYTES_MAX);
        if got > limit {
            return Err(Fault::Event { got, limit });
        }
        bounded(keys)?;
        self.session.emit(self.scope.module, keys, payload)
    }

    /// Runs `work`; if it fails, its writes, its events, the next authority and the next params are
    /// as before. What it spent stays spent.
    ///
    /// # Errors
    /// What `work` returns, [`Fault::Depth`], or when the meter runs out.
    pub fn savepoint<T>(
        &mut self,
        work: impl FnOnce(&mut Context<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.session.meter.charge(cost::SAVEPOINT)?;
        self.within(self.scope, work)
    }

    /// Calls another module in this module's own name, in a savepoint.
    ///
    /// # Errors
    /// In a query, what the module returns, [`Fault::UnknownModule`], [`Fault::Undeclared`],
    /// [`Fault::Depth`], or when the meter runs out.
    pub fn call(&mut self, module: ModuleId, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        self.writable()?;
        let scope = Scope { module, caller: Some(self.own_address()), ..self.scope };
        self.enter(scope, |module, ctx| module.call(ctx, payload))
    }

    /// Asks another module, which cannot write.
    ///
    /// # Errors
    /// What the module returns, [`Fault::UnknownModule`], [`Fault::Undeclared`], [`Fault::Depth`], or
    /// when the meter runs out.
    pub fn query(&mut self, module: ModuleId, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let scope = Scope { module, caller: None, read_only: true, ..self.scope };
        self.enter(scope, |module, ctx| module.query(ctx, payload))
    }

    fn enter<T>(
        &mut self,
        scope: Scope,
        work: impl FnOnce(&dyn Module, &mut Context<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.session.meter.charge(cost::CALL)?;
        let modules = self.session.modules.clone();
        let module = modules.get(scope.module)?;
        self.declared(&modules, scope.module)?;
        self.within(scope, |ctx| work(module, ctx))
    }

    /// Whether this module said that it would call that one.
    fn declared(&self, modules: &Modules, callee: ModuleId) -> Result<(), Fault> {
        let module = self.scope.module;
        if callee == module || modules.get(module)?.calls().contains(&callee) {
            return Ok(());
        }
        Err(Fault::Undeclared { module, callee })
    }

    /// One level further down.
    fn within<T>(
        &mut self,
        scope: Scope,
        work: impl FnOnce(&mut Context<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let depth = scope.depth.saturating_add(1);
        if depth > DEPTH_MAX {
            return Err(Fault::Depth { got: depth, limit: DEPTH_MAX });
        }
        let scope = Scope { depth, ..scope };
        self.session.savepoint(|session| work(&mut Context { session, scope }))
    }

    const fn writable(&self) -> Result<(), Fault> {
        if self.scope.read_only { Err(Fault::ReadOnly) } else { Ok(()) }
    }

    fn key(&self, own: &[u8]) -> Result<Short, Fault> {
        self.bounded(own.len())?;
        Ok(Short::new().with(&self.scope.module.to_be_bytes()).with(own))
    }

    /// The whole key under a prefix of this module.
    pub(crate) fn key_under(&self, prefix: u8, key: &impl Encode) -> Result<Short, Fault> {
        let key = Short::key(self.scope.module, prefix, key);
        self.bounded(key.len().saturating_sub(size_of::<ModuleId>()))?;
        Ok(key)
    }

    /// Whether a module's own part of a key may be so long.
    const fn bounded(&self, got: usize) -> Result<(), Fault> {
        let limit = self.env().params.key_bytes as usize;
        if got > limit { Err(Fault::Key { got, limit }) } else { Ok(()) }
    }
}
