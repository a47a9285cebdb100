//! An account under a policy of its own, and the file that says so.
use crate::{WalletError, file};
use isonomy_types::{Address, Policy};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Bytes of a policy file; one of sixteen keys has about 1500. Stops a path to something endless.
pub const POLICY_FILE_BYTES_MAX: u64 = 16_384;

const VERSION: u64 = 1;
const KIND: &str = "isonomy policy";
const MAKE: &str = "make a policy with `isonomy keys policy`";

#[derive(Serialize, Deserialize)]
struct PolicyFile {
    version: u64,
    kind: String,
    #[serde(flatten)]
    account: Account,
}

/// An account, and the policy under which it acts.
///
/// Its file holds no secret. Everyone who signs for the account has a copy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    /// Its address: the hash of its first policy, which need not be this one.
    pub address: Address,
    /// Its policy now.
    pub policy: Policy,
}

impl Account {
    /// The account that starts under a policy.
    #[must_use]
    pub fn first(policy: Policy) -> Self {
        Self { address: policy.address(), policy }
    }

    /// Writes a new policy file.
    ///
    /// # Errors
    /// [`WalletError::Exists`] if anything has that name, [`WalletError::Io`].
    pub fn create(&self, path: &Path) -> Result<(), WalletError> {
        let file = PolicyFile { version: VERSION, kind: KIND.into(), account: self.clone() };
        let mut text = serde_json::to_vec_pretty(&file).map_err(|error| no_policy(path, error))?;
        text.push(b'\n');
        file::keep(path, &text)
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// Says what is wrong with the file, and what to do.
    pub fn open(path: &Path) -> Result<Self, WalletError> {
        let text = file::load(path, POLICY_FILE_BYTES_MAX, MAKE)?;
        let file: PolicyFile =
            serde_json::from_slice(&text).map_err(|error| no_policy(path, error))?;
        if file.kind != KIND {
            return Err(no_policy(path, format_args!("its kind is not {KIND:?}")));
        }
        if file.version != VERSION {
            let (got, limit) = (file.version, VERSION);
            let why = format_args!("it has version {got}, this software reads version {limit}");
            return Err(no_policy(path, why));
        }
        if file.account.policy.signing().is_none() {
            return Err(no_policy(path, "nobody can sign under it"));
        }
        Ok(file.account)
    }
}

fn no_policy(path: &Path, why: impl ToString) -> WalletError {
    WalletError::NoPolicy { path: path.into(), why: why.to_string() }
}
