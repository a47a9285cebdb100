use serde::{Deserialize, Serialize};

/// What somebody may ask: each role includes those before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// To see everything.
    Read,
    /// To hand over transactions too.
    Submit,
    /// To give orders to the node as well.
    Admin,
}

impl Role {
    /// Its name, as in configurations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Submit => "submit",
            Self::Admin => "admin",
        }
    }
}
