//! Where the published vectors lie, and how their rows read.
#![allow(dead_code, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

use std::borrow::ToOwned;
use std::path::Path;
use std::string::String;
use std::vec::Vec;

/// A file of vectors, or `None` where the folder is missing. Under `CI` it must be there.
pub(crate) fn read(name: &str) -> Option<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    match std::fs::read_to_string(Path::new(folder).join(name)) {
        Ok(text) => Some(text),
        Err(error) if std::env::var_os("CI").is_some() => panic!("{name}: {error}"),
        Err(error) => {
            eprintln!("skipped: no vectors {name}: {error}");
            None
        }
    }
}

/// A row of `bip340.csv`. Rows without a secret key are for verification only.
pub(crate) struct Bip340 {
    pub(crate) index: u32,
    pub(crate) secret: Option<[u8; 32]>,
    pub(crate) key: [u8; 32],
    pub(crate) aux: Option<[u8; 32]>,
    pub(crate) message: Vec<u8>,
    pub(crate) signature: [u8; 64],
    pub(crate) valid: bool,
    pub(crate) comment: String,
}

/// All rows of `bip340.csv`; none where the folder is missing.
pub(crate) fn bip340() -> Vec<Bip340> {
    let Some(text) = read("bip340.csv") else { return Vec::new() };
    let rows: Vec<Bip340> = text.lines().skip(1).map(row).collect();
    assert_eq!(rows.len(), 19, "rows in bip340.csv");
    rows
}

fn row(line: &str) -> Bip340 {
    let cells: Vec<&str> = line.splitn(8, ',').collect();
    let optional = |cell: &str| (!cell.is_empty()).then(|| array(cell));
    Bip340 {
        index: cells[0].parse().unwrap(),
        secret: optional(cells[1]),
        key: array(cells[2]),
        aux: optional(cells[3]),
        message: const_hex::decode(cells[4]).unwrap(),
        signature: array(cells[5]),
        valid: cells[6] == "TRUE",
        comment: cells[7].to_owned(),
    }
}

fn array<const N: usize>(cell: &str) -> [u8; N] {
    const_hex::decode_to_array(cell).unwrap()
}
