use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How far from each other the nodes of a network are made to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Latency {
    /// As near as this machine puts them: they talk to each other directly.
    #[default]
    None,
    /// One building: 1 to 2 ms one way, 1 ms of jitter.
    Lan,
    /// One continent: 10 to 40 ms one way, 5 ms of jitter.
    Continent,
    /// The world: 40 to 150 ms one way, 20 ms of jitter.
    World,
}

impl Latency {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Lan, Self::Continent, Self::World];

    /// The name in flags and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lan => "lan",
            Self::Continent => "continent",
            Self::World => "world",
        }
    }

    /// The least and the most milliseconds that a link may take one way. Each link has its own
    /// number between them. `None` without any.
    #[must_use]
    pub const fn one_way_ms(self) -> Option<(u64, u64)> {
        match self {
            Self::None => None,
            Self::Lan => Some((1, 2)),
            Self::Continent => Some((10, 40)),
            Self::World => Some((40, 150)),
        }
    }

    /// The most milliseconds that bytes are later than that.
    pub(crate) const fn jitter_ms(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Lan => 1,
            Self::Continent => 5,
            Self::World => 20,
        }
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Latency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|latency| latency.name() == text);
        named.ok_or_else(|| "give none, lan, continent or world".into())
    }
}
