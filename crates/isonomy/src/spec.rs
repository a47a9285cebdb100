use isonomy_chain::{Flush, Genesis, GenesisError};
use isonomy_consensus::pow::{Schedule, ScheduleError, Target, Work};
use isonomy_ledger::assets::{self, Assets};
use isonomy_ledger::locks::{self, Locks};
use isonomy_ledger::unique::{self, Unique};
use isonomy_ledger::{Modules, ModulesError};
use isonomy_types::{Address, Amount, Authority, Blob, Encode, List, Params, Text, Wall};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The version of the file.
pub const SPEC_VERSION: u32 = 1;

/// A coin chain with proof of work, as a file says it. Two nodes are on one chain exactly if their
/// specs agree.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// [`SPEC_VERSION`].
    pub version: u32,
    /// For people; at most 64 bytes.
    pub name: String,
    /// When the chain begins: milliseconds since 1970.
    pub time: u64,
    /// Minted to the producer of each block.
    pub reward: Amount,
    /// How hard blocks are.
    pub work: WorkSpec,
    /// Limits and prices of the first block.
    #[serde(default)]
    pub params: Params,
    /// The first balances.
    pub allocations: BTreeMap<Address, Amount>,
}

/// Read first: the rest of another version may have another shape.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

/// How hard blocks are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkSpec {
    /// Hashes that the first block takes on average; no later one takes fewer.
    pub hashes: u64,
    /// The average time between two blocks that the difficulty steers to, in milliseconds.
    pub interval_ms: u64,
    /// How far the schedule must be missed for the difficulty to halve or double, in milliseconds.
    pub half_life_ms: u64,
}

/// Why a spec makes no chain.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// Not TOML, a field is missing, unknown or of the wrong kind.
    #[error("cannot read the genesis file: {0}")]
    Syntax(Box<toml::de::Error>),
    /// Of a later software.
    #[error("the genesis file has version {got}, this software reads {limit}: install a newer one")]
    Version {
        /// What it says.
        got: u32,
        /// [`SPEC_VERSION`].
        limit: u32,
    },
    /// The name is too long.
    #[error("the chain's name has {got} bytes, limit {limit}")]
    Name {
        /// Its length in bytes.
        got: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// More accounts than genesis can endow.
    #[error("{got} allocations, limit {limit}")]
    Allocations {
        /// How many there are.
        got: usize,
        /// How many fit.
        limit: usize,
    },
    /// Blocks would be free.
    #[error("in [work]: hashes is 0, must be at least 1")]
    NoWork,
    /// The schedule makes no sense.
    #[error("in [work]: {0}")]
    Work(ScheduleError),
    /// The modules do not fit together.
    #[error(transparent)]
    Modules(ModulesError),
    /// The first block cannot be made.
    #[error(transparent)]
    Genesis(GenesisError),
}

/// What a spec makes: all that a node must know to be on the chain.
#[derive(Clone)]
pub struct Coin {
    /// The first flush of a new store. `genesis.tip.trail.id` is the chain's id.
    pub genesis: Flush,
    /// The header rules.
    pub work: Work,
    /// The ledger: `assets`, which is the purse, `unique` and `locks`.
    pub modules: Arc<Modules>,
}

impl Spec {
    /// Reads a spec from TOML.
    ///
    /// # Errors
    /// [`SpecError::Syntax`] or [`SpecError::Version`].
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let syntax = |error| SpecError::Syntax(Box::new(error));
        let Head { version: got } = toml::from_str(text).map_err(syntax)?;
        match SPEC_VERSION {
            limit if got == limit => toml::from_str(text).map_err(syntax),
            limit => Err(SpecError::Version { got, limit }),
        }
    }

    /// Writes it as TOML. Reading gives the same spec back.
    ///
    /// # Errors
    /// If a number does not fit TOML's 64 signed bits.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }

    /// Makes the chain.
    ///
    /// # Errors
    /// See [`SpecError`].
    pub fn coin(&self) -> Result<Coin, SpecError> {
        let work = Work { schedule: self.schedule()? };
        let modules = Modules::default()
            .with(assets::ID, Assets)
            .and_then(|modules| modules.with(unique::ID, Unique))
            .and_then(|modules| modules.with(locks::ID, Locks))
            .and_then(|modules| modules.purse(assets::ID))
            .map_err(SpecError::Modules)?;
        let modules = Arc::new(modules);
        let genesis = self.genesis(&work.schedule)?;
        let genesis = genesis.build(&work, modules.clone()).map_err(SpecError::Genesis)?;
        Ok(Coin { genesis, work, modules })
    }

    fn schedule(&self) -> Result<Schedule, SpecError> {
        let WorkSpec { hashes, interval_ms, half_life_ms } = self.work;
        if hashes == 0 {
            return Err(SpecError::NoWork);
        }
        let anchor = Target::for_work(hashes.into()).compact();
        let schedule = Schedule { anchor, interval_ms, half_life_ms, easiest: anchor };
        schedule.check().map_err(SpecError::Work)?;
        Ok(schedule)
    }

    fn genesis(&self, schedule: &Schedule) -> Result<Genesis, SpecError> {
        let name = Text::try_from(self.name.clone())
            .map_err(|long| SpecError::Name { got: long.got, limit: long.limit })?;
        let allocations: Vec<_> = self.allocations.iter().map(|(to, sum)| (*to, *sum)).collect();
        let allocations = List::try_from(allocations)
            .map_err(|long| SpecError::Allocations { got: long.got, limit: long.limit })?;
        let config = assets::Config { allocations, reward: self.reward };
        Ok(Genesis {
            name,
            time: Wall(self.time),
            params: self.params.clone(),
            authority: Authority::default(),
            settings: Blob::truncated(schedule.encode()),
            modules: vec![
                (assets::ID, config.encode()),
                (unique::ID, Vec::new()),
                (locks::ID, Vec::new()),
            ],
        })
    }
}
