use crate::draft::Draft;
use crate::event::EventsMark;
use crate::expect::Keys;
use crate::gaps::Gaps;
use crate::{Events, Fault, Layer, Modules, Order, Pair, ReadFailed, Span, Value, View, cost};
use alloc::{sync::Arc, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Authority, EVENTS_MAX, ModuleId, Params, Wall};

/// What a block tells its transactions: read from its header and from its parent's outcome.
#[derive(Clone, Debug)]
pub struct Env {
    /// The chain's id.
    pub genesis: Hash,
    /// The block's height.
    pub height: u64,
    /// The block's time.
    pub time: Wall,
    /// Who is paid.
    pub producer: Address,
    /// The authority that binds this block.
    pub authority: Arc<Authority>,
    /// The params that bind this block.
    pub params: Params,
}

/// One execution: the state it changes and how to take a change back. It has no lifetime, so that
/// nested contexts simply reborrow it.
pub(crate) struct Session {
    pub(crate) env: Env,
    pub(crate) modules: Arc<Modules>,
    pub(crate) next: Next,
    /// What `next` was before each change since the last [`settle`](Self::settle).
    replaced: Vec<Next>,
    pub(crate) meter: Meter,
    /// Of the receipt that is being written.
    pub(crate) events: Events,
    state: Draft,
    gaps: Gaps,
    /// Sticky: one failed read spoils the whole execution.
    failed: Option<ReadFailed>,
}

/// What will bind the next block, as things stand.
#[derive(Clone)]
pub(crate) struct Next {
    pub(crate) authority: Arc<Authority>,
    pub(crate) params: Params,
}

/// Meter units used, and the most that may be.
#[derive(Clone, Copy)]
pub(crate) struct Meter {
    pub(crate) used: u64,
    pub(crate) limit: u64,
}

impl Meter {
    pub(crate) const UNLIMITED: Self = Self { used: 0, limit: u64::MAX };

    pub(crate) fn charge(&mut self, units: u64) -> Result<(), Fault> {
        self.used = self.used.saturating_add(units);
        self.check()
    }

    /// Whether it was ever overdrawn: the fault may have been swallowed.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let Self { used: got, limit } = *self;
        if got > limit { Err(Fault::Meter { got, limit }) } else { Ok(()) }
    }
}

/// Everything that a savepoint takes back. The meter and a failed read are not part of it.
struct Mark {
    written: usize,
    events: EventsMark,
    replaced: usize,
}

impl Session {
    /// For `seed` see [`Draft::new`].
    pub(crate) fn new(env: Env, modules: Arc<Modules>, base: Arc<dyn View>, seed: Hash) -> Self {
        Self {
            next: Next { authority: env.authority.clone(), params: env.params.clone() },
            replaced: Vec::new(),
            meter: Meter::UNLIMITED,
            events: Events::default(),
            state: Draft::new(base, seed),
            gaps: Gaps::default(),
            failed: None,
            env,
            modules,
        }
    }

    /// Runs `work`, and takes back what it did if it fails.
    pub(crate) fn savepoint<T, E>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let mark = Mark {
            written: self.state.written(),
            events: self.events.mark(),
            replaced: self.replaced.len(),
        };
        let result = work(self);
        if result.is_err() {
            self.roll_back(mark);
        }
        result
    }

    fn roll_back(&mut self, mark: Mark) {
        self.state.roll_back(mark.written);
        self.events.roll_back(mark.events);
        if let Some(before) = self.replaced.drain(mark.replaced..).next() {
            self.next = before;
        }
    }

    pub(crate) fn set_next(&mut self, next: Next) {
        self.replaced.push(core::mem::replace(&mut self.next, next));
    }

    /// Makes final what was written so far. No savepoint may be open.
    pub(crate) fn settle(&mut self) {
        self.state.settle();
        self.replaced.clear();
    }

    /// Makes room for so many more keys.
    pub(crate) fn reserve(&mut self, keys: usize) {
        self.state.reserve(keys);
    }

    /// Reads the state as it is now. After one failure nothing is read any more.
    pub(crate) fn get(&mut self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        self.intact()?;
        self.state.get(key).inspect_err(|failed| self.failed = Some(*failed))
    }

    /// Reads ahead what is likely to be asked for, see [`Draft::expect`].
    pub(crate) fn expect(&mut self, keys: &Keys) -> Result<(), ReadFailed> {
        self.intact()?;
        self.state.expect(keys).inspect_err(|failed| self.failed = Some(*failed))
    }

    /// Whether every read so far succeeded.
    pub(crate) fn intact(&self) -> Result<(), ReadFailed> {
        self.failed.map_or(Ok(()), Err)
    }

    /// The same without a copy: what `read` makes of the value.
    pub(crate) fn read<T>(
        &mut self,
        key: &[u8],
        read: impl FnOnce(Option<&[u8]>) -> T,
    ) -> Result<T, ReadFailed> {
        self.intact()?;
        self.state.read(key, read).inspect_err(|failed| self.failed = Some(*failed))
    }

    /// An empty value is a removal.
    pub(crate) fn put(&mut self, key: &[u8], value: &[u8]) {
        self.state.put(key, value);
    }

    /// At most `limit` pairs. Each step is paid for, over what this block removed too: else removals
    /// of one's own would make every later scan dear for all and cheap for oneself.
    pub(crate) fn scan(
        &mut self,
        span: &Span,
        order: Order,
        limit: usize,
    ) -> Result<Vec<Pair>, Fault> {
        self.intact()?;
        let mut found = Vec::new();
        let mut steps = self.state.steps(span, order, &mut self.gaps);
        while found.len() < limit {
            let Some(step) = steps.next() else { break };
            let (key, value) = step.inspect_err(|failed| self.failed = Some(*failed))?;
            let bytes = key.len().saturating_add(value.as_ref().map_or(0, |value| value.len()));
            self.meter.charge(cost::READ.saturating_add(cost::bytes_read(bytes)))?;
            found.extend(value.map(|value| (key, value)));
        }
        Ok(found)
    }

    pub(crate) fn emit(
        &mut self,
        module: ModuleId,
        keys: &[&[u8]],
        payload: &[u8],
    ) -> Result<(), Fault> {
        let got = self.events.len().saturating_add(1);
        let limit = (self.env.params.events as usize).min(EVENTS_MAX);
        if got > limit {
            return Err(Fault::Events { got, limit });
        }
        self.events.push(module, keys, payload);
        Ok(())
    }

    pub(crate) fn layer(&self) -> Layer {
        self.state.layer()
    }
}
