//! Every target on samples, on samples damaged in every simple way, and on mutants from a fixed
//! seed. A failure says which case it was.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, clippy::disallowed_methods)]
use isonomy::{Spec, SpecError};
use isonomy_fuzz::{TARGETS, Target, cases, endowed, genesis};
use isonomy_types::{Address, Decode, Encode, Header};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

/// No case may take longer: a hang, or work out of proportion to a few kilobytes. Generous, for a
/// machine that does other things as well.
const CASE_MAX: Duration = Duration::from_secs(10);

/// Runs a target on all that `cases` makes, with so many mutants.
fn run(name: &str, mutants: usize) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    run_seed(target, mutants, 1);
}

fn run_seed(Target { name, run, samples }: &Target, mutants: usize, seed: u64) {
    for (number, case) in cases(&samples(), mutants, seed).enumerate() {
        let begin = Instant::now();
        let ended = catch_unwind(AssertUnwindSafe(|| run(&case)));
        let took = begin.elapsed();
        if let Err(panic) = ended {
            eprintln!("{name}: case {number} of {} bytes: {case:02x?}", case.len());
            resume_unwind(panic);
        }
        assert!(took <= CASE_MAX, "{name}: case {number} took {took:?}: {case:02x?}");
    }
}

#[test]
fn transaction() {
    run("transaction", 4_000);
}

#[test]
fn block() {
    run("block", 3_000);
}

#[test]
fn header() {
    run("header", 4_000);
}

#[test]
fn proof() {
    run("proof", 4_000);
}

#[test]
fn page() {
    run("page", 4_000);
}

#[test]
fn frame() {
    run("frame", 4_000);
}

#[test]
fn hello() {
    run("hello", 6_000);
}

#[test]
fn handshake() {
    run("handshake", 300);
}

#[test]
fn text() {
    run("text", 20_000);
}

#[test]
fn spec() {
    run("genesis", 2_000);
}

#[test]
fn machine() {
    run("machine", 1_000);
}

#[test]
fn rpc() {
    run("rpc", 10_000);
}

#[test]
fn schnorr() {
    run("schnorr", 200);
}

#[test]
#[ignore = "takes a minute"]
fn more_seeds() {
    for seed in 2..5 {
        for target in &TARGETS {
            let mutants = match target.name {
                "handshake" => 500,
                "schnorr" => 1_000,
                _ => 10_000,
            };
            run_seed(target, mutants, seed);
        }
    }
}

/// Files that are long, deep or wide: what is read of them is in proportion.
#[test]
fn a_large_genesis_file_takes_no_more_than_its_share() {
    const LONG: usize = 100_000;
    let (head, tail) = ("version = 1\n", "[allocations]\n");
    let files = [
        "[".repeat(LONG),
        format!("a = {}", "[".repeat(LONG)),
        format!("a = {}", "{a=".repeat(LONG)),
        format!("{} = 1", vec!["a"; LONG].join(".")),
        format!("name = \"{}\"", "x".repeat(LONG)),
        format!("{head}{}{tail}", "#\n".repeat(LONG)),
        (0..LONG).map(|n| format!("[t{n}]\n")).collect(),
        endowed(2_000),
        endowed(65_536),
        endowed(65_537),
    ];
    for file in files {
        let begin = Instant::now();
        genesis(file.as_bytes());
        let took = begin.elapsed();
        assert!(took <= CASE_MAX, "{took:?}: {}…", &file[..10]);
    }
}

#[test]
fn more_allocations_than_fit_are_refused() {
    let spec = Spec::parse(&endowed(65_537)).unwrap();
    let refused = spec.coin().map(drop).unwrap_err();
    assert!(matches!(refused, SpecError::Allocations { got: 65_537, limit: 65_536 }), "{refused}");
}

#[test]
fn every_target_is_a_program_for_the_fuzzer() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../");
    let read = |path: &str| std::fs::read_to_string(format!("{folder}{path}")).unwrap();
    let manifest = read("Cargo.toml");
    for target in TARGETS {
        let program = read(&format!("fuzz_targets/{}.rs", target.name));
        assert!(program.contains(&format!("isonomy_fuzz::{}(data)", target.name)));
        assert!(manifest.contains(&format!("name = \"{}\"", target.name)));
    }
}

/// Variants that break a promise, each of which some case shows.
#[test]
fn cases_show_what_is_lax() {
    let shown = |name: &str, holds: &dyn Fn(&[u8]) -> bool| {
        let target = TARGETS.iter().find(|target| target.name == name).unwrap();
        cases(&(target.samples)(), 2_000, 1).any(|case| !holds(&case))
    };
    let header = |bytes: &[u8]| Header::decode_exact(bytes).ok();
    let exact = |data: &[u8]| header(data).is_none_or(|header| header.encode() == data);
    let trailing = |data: &[u8]| {
        let read = (0..=data.len()).rev().find_map(|end| header(&data[..end]));
        read.is_none_or(|header| header.encode() == data)
    };
    assert!(!shown("header", &exact) && shown("header", &trailing));

    let read = |text: &str| text.parse::<Address>().ok();
    let spelt = |data: &[u8], read: &dyn Fn(&str) -> Option<Address>| {
        let text = str::from_utf8(data).unwrap_or_default();
        read(text).is_none_or(|address| address.to_string() == text)
    };
    assert!(!shown("text", &|data| spelt(data, &read)));
    assert!(shown("text", &|data| spelt(data, &|text| read(&text.to_lowercase()))));
    assert!(shown("text", &|data| spelt(data, &|text| read(text.trim_end()))));
}

#[test]
fn the_same_seed_gives_the_same_cases() {
    let samples = [b"sample".to_vec(), vec![7; 3_000]];
    let all = |seed| cases(&samples, 500, seed).collect::<Vec<_>>();
    assert_eq!(all(1), all(1));
    assert_ne!(all(1), all(2));
    // The samples; every cut and flip of the short one, 1 000 of each of the long one; the mutants.
    assert_eq!(all(1).len(), 2 + 2 * 6 + 2 * 1_000 + 500);
}
