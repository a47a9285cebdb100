//! The genesis file.
use isonomy::Spec;
use isonomy_crypto::Hash;
use isonomy_types::{Address, Amount};

/// Bytes of a complaint beside the line that it shows, and as many again to mark the place.
const COMPLAINT_BYTES_MAX: usize = 1_000;

/// Reads the bytes as a genesis file, and makes the chain that it says.
pub fn genesis(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let spec = match Spec::parse(text) {
        Ok(spec) => spec,
        Err(error) => {
            let complaint = error.to_string().len();
            assert!(complaint > 0 && complaint <= COMPLAINT_BYTES_MAX + 2 * data.len());
            return;
        }
    };
    let written = spec.to_toml().expect("what fits a file fits it again");
    assert_eq!(Spec::parse(&written).expect("we read what we write"), spec);
    match (spec.coin(), spec.coin()) {
        (Ok(one), Ok(two)) => assert_eq!(one.genesis.tip.trail, two.genesis.tip.trail),
        (Err(one), Err(two)) => assert_eq!(one.to_string(), two.to_string()),
        _ => panic!("a spec makes a chain, or it does not"),
    }
}

pub(crate) fn files() -> Vec<Vec<u8>> {
    vec![small().into_bytes(), endowed(3).into_bytes()]
}

fn small() -> String {
    let text = r#"version = 1
name = "example"
time = 1700000000000
reward = "50"
[work]
hashes = 1000
interval_ms = 2000
half_life_ms = 600000
[params]
body_bytes = 1048576
body_meter = 10000000
transaction_bytes = 131072
signers = 16
actions = 64
payload_bytes = 65536
key_bytes = 1024
value_bytes = 131072
events = 256
event_bytes = 16384
base_fee = 1
base_fee_floor = 1
base_fee_ceiling = 1099511627776
target_per_mille = 500
change_per_mille = 125
burned_per_mille = 0
[allocations]
"#;
    text.to_owned()
}

/// The same with so many first balances.
#[must_use]
pub fn endowed(accounts: u32) -> String {
    let account = |n: u32| {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&n.to_le_bytes());
        format!("{} = \"{}\"\n", Address(Hash::from_bytes(bytes)), Amount(u128::from(n) + 1))
    };
    small() + &(0..accounts).map(account).collect::<String>()
}
