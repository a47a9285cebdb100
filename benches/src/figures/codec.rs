use super::Measured;
use super::row::{Goal, Row, time};
use isonomy_benches::measure::paired;
use isonomy_benches::{GENESIS, address, secret, transfer};
use isonomy_types::{Decode, Encode, Transaction};
use std::hint::black_box;

pub(super) fn transaction() -> Measured {
    let to = [address(&secret(2)?), address(&secret(3)?)];
    let transaction = transfer(&GENESIS, &secret(1)?, &to)?;
    let bytes = transaction.encode();
    let ours = || {
        let decoded = Transaction::decode_exact(black_box(&bytes));
        let again = decoded.map(|decoded| (decoded.intent().id(), decoded.encode()));
        black_box(&again);
    };
    let beside = || {
        black_box(blake3::hash(black_box(&bytes)));
    };
    let cost = paired(ours, beside);
    Ok(Row {
        what: "decode, id and encode a two-action transfer",
        ours: time(cost.ours_ns),
        beside: format!("one BLAKE3 hash of its {} bytes {}", bytes.len(), time(cost.beside_ns)),
        ratio: Some(cost.ratio),
        goal: Some(Goal::Ratio(2.5)),
    })
}
