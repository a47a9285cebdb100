//! Accounts, and the policies that they may come under.
use isonomy_crypto::{PublicKey, Secret};
use isonomy_types::{Address, Keys, Policy};
use std::sync::LazyLock;

/// Accounts that act; each starts under the policy of its number.
pub const PEOPLE: usize = 10;
/// Policies in all: the others are what accounts change to.
const POLICIES: usize = 16;

pub static SECRETS: LazyLock<Vec<Secret>> =
    LazyLock::new(|| (1..=POLICIES as u8).map(|n| Secret::from_bytes(&[n; 32]).unwrap()).collect());

static ALL: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    let keys: Vec<PublicKey> = SECRETS.iter().map(Secret::public).collect();
    let several = |n: usize, needed| {
        let mut several = vec![keys[n], keys[(n + 1) % POLICIES], keys[(n + 5) % POLICIES]];
        several.sort_unstable();
        Policy::Keys(Keys::new(needed, several).unwrap())
    };
    let policy = |n: usize| match n % 5 {
        3 => several(n, 2),
        4 => several(n, 3),
        _ => Policy::Key(keys[n]),
    };
    (0..POLICIES).map(policy).collect()
});

pub fn policies() -> &'static [Policy] {
    &ALL
}

pub static ADDRESSES: LazyLock<Vec<Address>> =
    LazyLock::new(|| ALL.iter().map(Policy::address).collect());

pub fn address(n: usize) -> Address {
    ADDRESSES[n]
}

/// The policy of this hash, if it is one of ours.
pub fn by_hash(hash: isonomy_crypto::Hash) -> &'static Policy {
    let place = ADDRESSES.iter().position(|address| address.0 == hash);
    &ALL[place.unwrap()]
}
