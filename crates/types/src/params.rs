use crate::{ACTIONS_MAX, Encode, PAYLOAD_BYTES_MAX, SIGNERS_MAX, TRANSACTION_BYTES_MAX, base_fee};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash};
use serde::{Deserialize, Serialize};

const PARAMS: Domain = Domain::new("isonomy params 1");

/// Bytes of the largest body any chain may allow: one frame carries it.
pub const BODY_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// Bytes of the smallest limit on bodies that any chain may set: the largest transaction and the
/// count before it. Whatever changes the params back must itself fit in a block, so lower limits
/// would stop a chain for good (attack 58).
pub const BODY_BYTES_MIN: u32 = TRANSACTION_BYTES_MAX as u32 + 4;
/// Meter units of the most work any chain may allow in a block, so that sums stay far from 2⁶⁴.
pub const BODY_METER_MAX: u64 = 1 << 48;
/// Meter units of the smallest limit on work that any chain may set: to be in a block, the dearest
/// transaction (the largest, with the most signers, signatures and actions) takes 590 000, and the
/// rest is for what it does (attack 58).
pub const BODY_METER_MIN: u64 = 1_000_000;
/// Bytes of the smallest limit on transactions that any chain may set: whoever holds the power to
/// change the params, be it all places of a policy, signs in 2 KiB, and the rest is for what he
/// says (attack 58).
pub const TRANSACTION_BYTES_MIN: usize = 16_384;
/// Bytes of the smallest limit on payloads that any chain may set: new params take a tenth of it
/// (attack 58).
pub const PAYLOAD_BYTES_MIN: usize = 1_024;
/// Bytes of a module's own part of a key at most: every store's index can carry it.
pub const KEY_BYTES_MAX: usize = 1_024;
/// Bytes of the smallest limit on keys that any chain may set: two accounts, an asset and a number
/// beside them fit, which is what modules of this toolkit need to go on (attack 58).
pub const KEY_BYTES_MIN: usize = 256;
/// Bytes of a value at most: a bound on what one read brings into memory. A contract's code fits in
/// parts.
pub const VALUE_BYTES_MAX: usize = 131_072;
/// Bytes of the smallest limit on values that any chain may set: a record fits (attack 58).
pub const VALUE_BYTES_MIN: usize = 4_096;
/// Events of one receipt at most: a bound on what one transaction makes indexers read.
pub const EVENTS_MAX: usize = 256;
/// The smallest limit on events that any chain may set: a module whose `end` says what it did must
/// not thereby stop the chain (attack 58).
pub const EVENTS_MIN: usize = 16;
/// Bytes of one event at most, keys and payload: room for a record, not for a file that every node
/// would store.
pub const EVENT_BYTES_MAX: usize = 16_384;
/// Bytes of the smallest limit on events' sizes that any chain may set: that of a record again.
pub const EVENT_BYTES_MIN: usize = 1_024;

/// Keys of one event: the parties to it, and what it is about. A bound on how many entries of an
/// index one event makes.
pub const EVENT_KEYS_MAX: usize = 8;
/// Bytes of an event's key: a hash, an address, or two of them.
pub const EVENT_KEY_BYTES_MAX: usize = 64;

/// Limits and prices that bind the next block. Each has a hard bound of its own, so that no chain
/// outgrows its nodes, and a least value, so that none stops itself.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// The largest encoded body, in bytes: [`BODY_BYTES_MIN`] to [`BODY_BYTES_MAX`].
    pub body_bytes: u32,
    /// The most work in one body, in meter units: [`BODY_METER_MIN`] to [`BODY_METER_MAX`].
    pub body_meter: u64,
    /// The largest encoded transaction, in bytes: [`TRANSACTION_BYTES_MIN`] to
    /// [`TRANSACTION_BYTES_MAX`].
    pub transaction_bytes: u32,
    /// The most signers of a transaction: 1 to [`SIGNERS_MAX`].
    pub signers: u32,
    /// The most actions of a transaction: 1 to [`ACTIONS_MAX`].
    pub actions: u32,
    /// The largest payload of an action, in bytes: [`PAYLOAD_BYTES_MIN`] to [`PAYLOAD_BYTES_MAX`].
    pub payload_bytes: u32,
    /// The longest key that a module may use, in bytes: [`KEY_BYTES_MIN`] to [`KEY_BYTES_MAX`].
    pub key_bytes: u32,
    /// The longest value that a module may write, in bytes: [`VALUE_BYTES_MIN`] to
    /// [`VALUE_BYTES_MAX`]. What was written under a higher limit stays.
    pub value_bytes: u32,
    /// The most events of a receipt: [`EVENTS_MIN`] to [`EVENTS_MAX`].
    pub events: u32,
    /// The largest event, keys and payload, in bytes: [`EVENT_BYTES_MIN`] to [`EVENT_BYTES_MAX`].
    pub event_bytes: u32,
    /// The least that a meter unit costs, in thousandths of a coin: from the floor to the ceiling. It
    /// follows how full blocks are, see [`next_base_fee`](Self::next_base_fee). What a transaction
    /// must offer is the [`base_price`](Self::base_price), in coins.
    pub base_fee: u64,
    /// The base fee never falls below: at most [`BASE_FEE_FLOOR_MAX`](crate::BASE_FEE_FLOOR_MAX).
    pub base_fee_floor: u64,
    /// The base fee never rises above: from the floor to [`BASE_FEE_MAX`](crate::BASE_FEE_MAX). A
    /// ceiling as high as the floor makes the base fee fixed.
    pub base_fee_ceiling: u64,
    /// How full a block leaves the base fee as it is, in thousandths of what it may hold:
    /// [`TARGET_PER_MILLE_MIN`](crate::TARGET_PER_MILLE_MIN) to
    /// [`TARGET_PER_MILLE_MAX`](crate::TARGET_PER_MILLE_MAX).
    pub target_per_mille: u32,
    /// By how much a full block raises the base fee and an empty one lowers it, in thousandths:
    /// [`CHANGE_PER_MILLE_MIN`](crate::CHANGE_PER_MILLE_MIN) to
    /// [`CHANGE_PER_MILLE_MAX`](crate::CHANGE_PER_MILLE_MAX).
    pub change_per_mille: u32,
    /// How much of the base fee's part of all fees is burned, in thousandths, 0 to 1000. The
    /// producer gets the rest.
    pub burned_per_mille: u32,
}

/// A limit that would let blocks outgrow what every node can carry, or keep transactions out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{name} is {got}, must be {least} to {limit}")]
pub struct ParamsError {
    /// Which.
    pub name: &'static str,
    /// What it is.
    pub got: u64,
    /// The least it may be.
    pub least: u64,
    /// The most it may be.
    pub limit: u64,
}

/// A field's name, what it is, the least and the most that it may be.
pub(crate) type Bound = (&'static str, u64, u64, u64);

impl Params {
    /// What a header commits.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.digest(&PARAMS)
    }

    /// Whether every limit is within its hard bounds.
    ///
    /// # Errors
    /// Names the first that is not.
    pub fn check(&self) -> Result<(), ParamsError> {
        let limits = self.limits().into_iter().chain(base_fee::bounds(self));
        let outside = |(_, got, least, limit): &Bound| got < least || got > limit;
        match limits.into_iter().find(outside) {
            Some((name, got, least, limit)) => Err(ParamsError { name, got, least, limit }),
            None => Ok(()),
        }
    }

    fn limits(&self) -> [Bound; 10] {
        let size = |name, got: u32, least: usize, limit: usize| {
            (name, u64::from(got), least as u64, limit as u64)
        };
        [
            ("body_bytes", self.body_bytes.into(), BODY_BYTES_MIN.into(), BODY_BYTES_MAX.into()),
            ("body_meter", self.body_meter, BODY_METER_MIN, BODY_METER_MAX),
            size(
                "transaction_bytes",
                self.transaction_bytes,
                TRANSACTION_BYTES_MIN,
                TRANSACTION_BYTES_MAX,
            ),
            size("signers", self.signers, 1, SIGNERS_MAX),
            size("actions", self.actions, 1, ACTIONS_MAX),
            size("payload_bytes", self.payload_bytes, PAYLOAD_BYTES_MIN, PAYLOAD_BYTES_MAX),
            size("key_bytes", self.key_bytes, KEY_BYTES_MIN, KEY_BYTES_MAX),
            size("value_bytes", self.value_bytes, VALUE_BYTES_MIN, VALUE_BYTES_MAX),
            size("events", self.events, EVENTS_MIN, EVENTS_MAX),
            size("event_bytes", self.event_bytes, EVENT_BYTES_MIN, EVENT_BYTES_MAX),
        ]
    }
}

impl Default for Params {
    /// One megabyte and ten million units a block, everything else as large as it may be; at least
    /// one coin a unit, an eighth more or less a block around half-full ones, nothing burned.
    fn default() -> Self {
        Self {
            body_bytes: 1_000_000,
            body_meter: 10_000_000,
            transaction_bytes: TRANSACTION_BYTES_MAX as u32,
            signers: SIGNERS_MAX as u32,
            actions: ACTIONS_MAX as u32,
            payload_bytes: PAYLOAD_BYTES_MAX as u32,
            key_bytes: KEY_BYTES_MAX as u32,
            value_bytes: VALUE_BYTES_MAX as u32,
            events: EVENTS_MAX as u32,
            event_bytes: EVENT_BYTES_MAX as u32,
            base_fee: base_fee::BASE_FEE_SCALE,
            base_fee_floor: base_fee::BASE_FEE_SCALE,
            base_fee_ceiling: base_fee::BASE_FEE_MAX,
            target_per_mille: 500,
            change_per_mille: 125,
            burned_per_mille: 0,
        }
    }
}
