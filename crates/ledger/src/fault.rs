use crate::ReadFailed;
use alloc::string::String;
use isonomy_types::{DecodeError, ModuleId, ParamsError};

/// Why a call ended without effect. All but [`Fault::Read`] are the same on every node.
///
/// A receipt carries the [`code`](Fault::code) alone. Codes are stable:
///
/// | code | fault |
/// |---|---|
/// | 0 | none: success |
/// | 1 | [`Fault::Meter`] |
/// | 2 | [`Fault::Depth`] |
/// | 3 | [`Fault::ReadOnly`] |
/// | 4 | [`Fault::UnknownModule`] |
/// | 5 | [`Fault::Unsupported`] |
/// | 6 | [`Fault::NoCaller`] |
/// | 7 | [`Fault::Payload`] |
/// | 8 | [`Fault::Stored`] |
/// | 9 | [`Fault::Key`] |
/// | 10 | [`Fault::Value`] |
/// | 11 | [`Fault::Event`] |
/// | 12 | [`Fault::Events`] |
/// | 13 | [`Fault::Params`] |
/// | 14 | [`Fault::Undeclared`] |
/// | 15 | [`Fault::EventKeys`] |
/// | 16 | [`Fault::EventKey`] |
/// | 255 | [`Fault::Read`], in no receipt |
/// | 256 + n | [`Fault::Refused`] with the module's own code n |
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// The module's own refusal.
    #[error("refused ({code}): {why}")]
    Refused {
        /// The module's own number for it, at most [`Fault::REFUSED_MAX`]; higher ones count as that.
        code: u16,
        /// The same for people. Reaches no receipt.
        why: String,
    },
    /// The work costs more than its maker allowed.
    #[error("{got} meter units needed so far, limit {limit}")]
    Meter {
        /// Units spent, with the work that was refused.
        got: u64,
        /// The most that may be spent.
        limit: u64,
    },
    /// Too many calls, queries and savepoints inside one another.
    #[error("{got} levels of calls and savepoints, limit {limit}")]
    Depth {
        /// The level refused.
        got: u8,
        /// [`DEPTH_MAX`](crate::DEPTH_MAX).
        limit: u8,
    },
    /// A query tried to write.
    #[error("a query cannot write")]
    ReadOnly,
    /// The chain has no such module.
    #[error("the chain has no module {0}")]
    UnknownModule(ModuleId),
    /// The module has no such entrance.
    #[error("the module does not offer this")]
    Unsupported,
    /// It must be done in somebody's name.
    #[error("nobody calls")]
    NoCaller,
    /// The module cannot read what it was sent.
    #[error("the payload {0}")]
    Payload(DecodeError),
    /// A stored value or key is not of the type the module reads it as.
    #[error("what is stored {0}")]
    Stored(DecodeError),
    /// A key is too long.
    #[error("a key of {got} bytes, limit {limit}")]
    Key {
        /// Its length, in bytes.
        got: usize,
        /// [`Params::key_bytes`](isonomy_types::Params::key_bytes).
        limit: usize,
    },
    /// A value is too long.
    #[error("a value of {got} bytes, limit {limit}")]
    Value {
        /// Its length, in bytes.
        got: usize,
        /// [`Params::value_bytes`](isonomy_types::Params::value_bytes).
        limit: usize,
    },
    /// An event is too long.
    #[error("an event of {got} bytes, limit {limit}")]
    Event {
        /// Its length, keys and payload, in bytes.
        got: usize,
        /// [`Params::event_bytes`](isonomy_types::Params::event_bytes).
        limit: usize,
    },
    /// Too many events for one receipt.
    #[error("event {got} of a receipt, limit {limit}")]
    Events {
        /// How many there would be.
        got: usize,
        /// [`Params::events`](isonomy_types::Params::events).
        limit: usize,
    },
    /// Too many keys for one event.
    #[error("an event of {got} keys, limit {limit}")]
    EventKeys {
        /// How many.
        got: usize,
        /// [`EVENT_KEYS_MAX`](crate::EVENT_KEYS_MAX).
        limit: usize,
    },
    /// An event's key is too long.
    #[error("an event's key of {got} bytes, limit {limit}")]
    EventKey {
        /// Its length, in bytes.
        got: usize,
        /// [`EVENT_KEY_BYTES_MAX`](crate::EVENT_KEY_BYTES_MAX).
        limit: usize,
    },
    /// Params that no chain may have.
    #[error("next params: {0}")]
    Params(ParamsError),
    /// A module called or asked one that it does not declare.
    #[error("module {module} does not declare that it calls module {callee}")]
    Undeclared {
        /// Who called.
        module: ModuleId,
        /// Whom.
        callee: ModuleId,
    },
    /// Not a verdict: the execution as a whole is abandoned, even if a module swallows this.
    #[error(transparent)]
    Read(#[from] ReadFailed),
}

impl Fault {
    /// The highest of a module's own codes that a receipt can tell from others.
    pub const REFUSED_MAX: u16 = u16::MAX - 256;

    /// A module's own refusal: `code` for the receipt, `why` for people.
    #[must_use]
    pub fn refused(code: u16, why: impl Into<String>) -> Self {
        Self::Refused { code, why: why.into() }
    }

    /// What a receipt carries.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::Meter { .. } => 1,
            Self::Depth { .. } => 2,
            Self::ReadOnly => 3,
            Self::UnknownModule(_) => 4,
            Self::Unsupported => 5,
            Self::NoCaller => 6,
            Self::Payload(_) => 7,
            Self::Stored(_) => 8,
            Self::Key { .. } => 9,
            Self::Value { .. } => 10,
            Self::Event { .. } => 11,
            Self::Events { .. } => 12,
            Self::Params(_) => 13,
            Self::Undeclared { .. } => 14,
            Self::EventKeys { .. } => 15,
            Self::EventKey { .. } => 16,
            Self::Read(_) => 255,
            Self::Refused { code, .. } => code.saturating_add(256),
        }
    }
}
