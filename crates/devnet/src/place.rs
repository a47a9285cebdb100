//! The folder of a network: what lies where, and whose it is.
use crate::{CHAOS_NODES_MIN, Chaos, DevnetError, INTERVAL_MS_MIN, NODES_MAX, Settings};
use isonomy_types::{Address, Amount};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The version of the marker file.
const VERSION: u32 = 1;

/// Accounts that genesis endows and the load moves coins among.
pub(crate) const ACCOUNTS: u8 = 8;
/// Coins of each of them.
pub(crate) const COINS: u128 = 1_000_000_000_000;
/// Coins minted for a block.
pub(crate) const REWARD: u128 = 50;

/// Says that a folder is a devnet's, and which.
#[derive(Serialize, Deserialize)]
struct Marker {
    version: u32,
    nodes: u8,
}

/// What a genesis file says that matters here.
#[derive(Deserialize)]
pub(crate) struct Genesis {
    work: Work,
    allocations: BTreeMap<Address, Amount>,
}

#[derive(Deserialize)]
struct Work {
    interval_ms: u64,
}

impl Genesis {
    /// Coins of all accounts at genesis.
    pub(crate) fn endowed(&self) -> u128 {
        self.allocations.values().fold(0, |sum, coins| sum.saturating_add(coins.0))
    }
}

pub(crate) struct Place {
    path: PathBuf,
    /// Removed with this.
    _temporary: Option<TempDir>,
    /// Whether a network was here before.
    pub(crate) resumed: bool,
}

impl Place {
    pub(crate) fn open(settings: &Settings) -> Result<Self, DevnetError> {
        let nodes = settings.nodes;
        if nodes == 0 || nodes > NODES_MAX {
            return Err(DevnetError::Nodes { got: nodes, limit: NODES_MAX });
        }
        let (least, limit) = (CHAOS_NODES_MIN, NODES_MAX - 1);
        if settings.chaos == Chaos::Drawn && !(least..=limit).contains(&nodes) {
            return Err(DevnetError::ChaosNodes { got: nodes, least, limit });
        }
        let (got, limit) = (settings.pace_ms(), INTERVAL_MS_MIN);
        if got < limit {
            return Err(DevnetError::Fast { got, limit });
        }
        let Some(dir) = &settings.dir else {
            let made = tempfile::Builder::new().prefix("isonomy-devnet-").tempdir();
            let made = made.map_err(io(&std::env::temp_dir()))?;
            let path = made.path().to_path_buf();
            return Ok(Self { path, _temporary: Some(made), resumed: false });
        };
        let place = Self { path: dir.clone(), _temporary: None, resumed: dir.exists() };
        if place.resumed {
            let place = place.recognise(nodes)?;
            if place.resumed {
                place.paced(settings.pace_ms())?;
            }
            Ok(place)
        } else {
            std::fs::create_dir_all(dir).map_err(io(dir))?;
            Ok(place)
        }
    }

    fn recognise(self, want: u8) -> Result<Self, DevnetError> {
        let mut entries = std::fs::read_dir(&self.path).map_err(io(&self.path))?;
        if entries.next().is_none() {
            return Ok(Self { resumed: false, ..self });
        }
        let foreign = || DevnetError::Foreign { dir: self.path.clone() };
        let text = std::fs::read_to_string(self.marker()).map_err(|_| foreign())?;
        let marker: Marker = serde_json::from_str(&text).map_err(|_| foreign())?;
        if marker.version != VERSION {
            return Err(foreign());
        }
        if marker.nodes != want {
            return Err(DevnetError::OtherSize { dir: self.path, got: marker.nodes, want });
        }
        Ok(self)
    }

    /// The chain that lives there must be as fast as the one asked for.
    fn paced(&self, want: u64) -> Result<(), DevnetError> {
        match self.read_genesis()?.work.interval_ms {
            got if got == want => Ok(()),
            got => Err(DevnetError::OtherPace { dir: self.path.clone(), got, want }),
        }
    }

    pub(crate) fn read_genesis(&self) -> Result<Genesis, DevnetError> {
        let path = self.genesis();
        let text = std::fs::read_to_string(&path).map_err(io(&path))?;
        toml::from_str(&text).map_err(std::io::Error::other).map_err(io(&path))
    }

    /// Written last: a folder with a marker has its keys and genesis.
    pub(crate) fn mark(&self, nodes: u8) -> Result<(), DevnetError> {
        let marker = serde_json::to_string(&Marker { version: VERSION, nodes });
        let text = marker.map_err(std::io::Error::other).map_err(io(&self.marker()))?;
        std::fs::write(self.marker(), text).map_err(io(&self.marker()))
    }

    fn marker(&self) -> PathBuf {
        self.path.join("devnet.json")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn genesis(&self) -> PathBuf {
        self.path.join("genesis.toml")
    }

    /// Key files of accounts with names.
    pub(crate) fn accounts(&self) -> PathBuf {
        self.path.join("accounts")
    }

    /// The key of the account of this name.
    pub(crate) fn named(&self, name: &str) -> PathBuf {
        self.accounts().join(format!("{name}.json"))
    }

    /// The key of account `number`, from 1.
    pub(crate) fn account(&self, number: u8) -> PathBuf {
        self.path.join(format!("account-{number}.json"))
    }

    /// Removes what is left of node `number`, if anything is.
    pub(crate) fn forget(&self, number: usize) -> Result<(), DevnetError> {
        let dir = self.node(number);
        match std::fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io(&dir)(error)),
            _ => Ok(()),
        }
    }

    /// What node `number` has to say.
    pub(crate) fn log(&self, number: usize) -> PathBuf {
        self.node(number).join("log")
    }

    /// The folder of node `number`, from 1.
    pub(crate) fn node(&self, number: usize) -> PathBuf {
        self.path.join(format!("node-{number}"))
    }
}

pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> DevnetError {
    let path = path.to_path_buf();
    move |source| DevnetError::Io { path, source }
}
