//! Accounts with names, for people to try things with.
use crate::DevnetError;
use crate::place::{Place, io};
use isonomy_crypto::{Domain, Secret};
use isonomy_types::Address;
use isonomy_wallet::{Wallet, WalletError};
use std::path::PathBuf;

/// Who has an account at genesis. Whoever knows the seed knows their keys: they are for play.
pub const NAMES: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// Whose coins are given away.
pub(crate) const FAUCET: &str = "faucet";

const ACCOUNT: Domain = Domain::new("isonomy devnet account 1");

/// An account whose key file lies in the network's folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// One of [`NAMES`], or that of an account made later.
    pub name: String,
    /// Its address.
    pub address: Address,
    /// Its key file, as `isonomy send --key` reads it.
    pub key: PathBuf,
}

/// The key that follows from a seed and a name.
fn wallet(seed: u64, name: &str) -> Result<Wallet, DevnetError> {
    let mut hasher = ACCOUNT.hasher();
    hasher.update(&seed.to_le_bytes()).update(name.as_bytes());
    let secret = Secret::from_bytes(&hasher.finalize().to_bytes());
    // Fails with a chance of 2⁻¹²⁸.
    let secret = secret.map_err(|error| WalletError::Randomness(error.to_string()))?;
    Ok(Wallet::new(secret))
}

/// Makes the key files of all names, and says whom genesis endows.
pub(crate) fn create(place: &Place, seed: u64) -> Result<Vec<Address>, DevnetError> {
    let dir = place.accounts();
    std::fs::create_dir_all(&dir).map_err(io(&dir))?;
    let keep = |name| {
        let wallet = wallet(seed, name)?;
        wallet.keep(&place.named(name))?;
        Ok(wallet.address())
    };
    NAMES.into_iter().chain([FAUCET]).map(keep).collect()
}

/// Those whose key files are there: all of [`NAMES`], unless the network is older than they.
pub(crate) fn open(place: &Place) -> Result<Vec<Named>, DevnetError> {
    let there = NAMES.into_iter().filter(|name| place.named(name).exists());
    let open = |name: &str| {
        let key = place.named(name);
        let address = Wallet::open(&key)?.address();
        Ok(Named { name: name.into(), address, key })
    };
    there.map(open).collect()
}

/// A new account, with a key of its own.
pub(crate) fn fresh(place: &Place) -> Result<Named, DevnetError> {
    let dir = place.accounts();
    std::fs::create_dir_all(&dir).map_err(io(&dir))?;
    let names = (1_u64..).map(|number| format!("account-{number}"));
    let free = names.map(|name| (place.named(&name), name)).find(|(key, _)| !key.exists());
    let (key, name) = free.unwrap_or_default();
    let address = Wallet::create(&key)?.address();
    Ok(Named { name, address, key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_name_decide_a_key() {
        let address = |seed, name| wallet(seed, name).unwrap().address();
        assert_eq!(address(7, "alice"), address(7, "alice"));
        assert_ne!(address(7, "alice"), address(8, "alice"));
        assert_ne!(address(7, "alice"), address(7, "bob"));
        // Whoever wrote it down must find it again.
        assert_eq!(address(0, "alice").to_string(), ALICE);
    }

    const ALICE: &str = "iso1ngvqw44qq85zfrdfxfjp2n7avn2kyh5dmtj2xa2uc5da3k60uces3xeujy";
}
