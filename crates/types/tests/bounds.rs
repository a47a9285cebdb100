//! Nobody can claim more than a type holds, nor make memory grow by claiming it.
#![allow(unsafe_code, reason = "a global allocator, which counts")]
#![allow(clippy::unwrap_used)]
mod common;

use common::samples::{self, Sample};
use common::{blob, list};
use isonomy_crypto::{PublicKey, Signature};
use isonomy_types::{
    ACTIONS_MAX, Action, BODY_BYTES_MAX, Blob, Body, CERTIFICATE_BYTES_MAX, Certificate, Committee,
    Decode, DecodeError, Encode, EngineMessage, Intent, Keys, List, MEMBERS_MAX, Member,
    PAYLOAD_BYTES_MAX, POLICY_KEYS_MAX, Policy, SEAL_BYTES_MAX, SIGNERS_MAX, Seal, Signer,
    TRANSACTIONS_MAX, Text, TooLong, Transaction, Version, Witness,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeSet;

/// What decoding may hold beside its input, in bytes.
const SLACK_BYTES: usize = 64 * 1024;

thread_local! {
    /// Bytes this thread holds now, and the most it held. What it frees for others counts below zero.
    static HELD: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

struct Counting;

fn count(bytes: isize) {
    let (now, most) = HELD.get();
    HELD.set((now + bytes, most.max(now + bytes)));
}

/// Growing a vector counts as holding the old and the new one at once, as it may.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes held at once while `work` runs, and its result.
fn peak<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let (before, _) = HELD.get();
    HELD.set((before, before));
    let result = work();
    ((HELD.get().1 - before).cast_unsigned(), result)
}

#[test]
fn the_allocator_counts() {
    let (held, bytes) = peak(|| vec![0_u8; 100_000]);
    assert_eq!((held, bytes.len()), (100_000, 100_000));
    assert_eq!(peak(|| drop(vec![0_u8; 50_000])).0, 50_000);
}

fn decode_within_bound(sample: &Sample, message: &[u8]) {
    let (held, again) = peak(|| (sample.again)(message).is_some());
    let limit = message.len() + SLACK_BYTES;
    let name = sample.name;
    assert!(held <= limit, "{name}: {held} bytes held for {} ({again})", message.len());
}

/// Every four bytes of every sample become a count: the largest, and each limit there is.
#[test]
fn attack_06_claim_a_huge_count_in_a_short_message() {
    let claims = [u32::MAX, u32::MAX / 2, 16, 64, 256, 32_768, 65_536, 131_072, BODY_BYTES_MAX];
    for sample in samples::all() {
        for at in 0..=sample.bytes.len().saturating_sub(4) {
            for claim in claims {
                let mut message = sample.bytes.clone();
                message.splice(at..(at + 4).min(message.len()), claim.to_le_bytes());
                decode_within_bound(&sample, &message);
                message.truncate(at + 4);
                decode_within_bound(&sample, &message);
            }
        }
    }
}

#[test]
fn attack_06_claim_u64_max() {
    for sample in samples::all() {
        for at in 0..sample.bytes.len() {
            let mut message = sample.bytes.clone();
            message.splice(at..(at + 8).min(message.len()), [0xff; 8]);
            decode_within_bound(&sample, &message);
        }
    }
}

fn empty_intent() -> Intent {
    Intent {
        version: Version,
        signers: List::default(),
        actions: List::default(),
        meter_limit: 0,
        price: 0,
        expires: 0,
    }
}

/// As many bytes as possible, all of them there.
#[test]
fn attack_06_fill_every_blob() {
    let payload = || Action { module: 1, by: 0, payload: blob(vec![1; PAYLOAD_BYTES_MAX]) };
    let actions = list((0..2).map(|_| payload()).collect());
    let transaction = Transaction::new(Intent { actions, ..empty_intent() }, List::default());
    let message = EngineMessage::truncated(vec![1; EngineMessage::MAX]);
    for (held, bytes) in [held_for::<Transaction>(&transaction), held_for(&message)] {
        assert!(held <= bytes + SLACK_BYTES, "{held} bytes held for {bytes}");
    }
}

fn held_for<T: Encode + Decode>(value: &T) -> (usize, usize) {
    let bytes = value.encode();
    let (held, decoded) = peak(|| T::decode_exact(&bytes).is_ok());
    assert!(decoded);
    (held, bytes.len())
}

/// What costs a sender least and a receiver most: witnesses without keys.
#[test]
fn attack_06_blow_a_body_up() {
    let idle = Witness { policy: Policy::Module(1), signatures: List::default() };
    for witnesses in [0, 1, SIGNERS_MAX] {
        let witnesses = list(vec![idle.clone(); witnesses]);
        let transaction = Transaction::new(empty_intent(), witnesses);
        let count = BODY_BYTES_MAX as usize / transaction.encoded_len();
        let transactions = list(vec![transaction; count.min(TRANSACTIONS_MAX)]);
        let (held, bytes) = held_for(&Body { transactions });
        assert!(held <= 10 * bytes, "{held} bytes held for {bytes}");
    }
}

/// A place takes up 65 bytes and costs one: only as many as there are keys are read.
#[test]
fn attack_06_fill_witnesses_with_empty_places() {
    let keys = Policy::Keys(samples::keys());
    let policies = [(Policy::Module(1), 0), (Policy::Key(samples::key(1)), 1), (keys, 3)];
    for (policy, limit) in policies {
        for places in 0..=POLICY_KEYS_MAX {
            let witness = Witness { policy: policy.clone(), signatures: list(vec![None; places]) };
            let decoded = Witness::decode_exact(&witness.encode());
            match places > limit {
                true => assert_refused(decoded, places, limit),
                false => assert_eq!(decoded, Ok(witness)),
            }
        }
    }
}

fn assert_refused<T: std::fmt::Debug>(result: Result<T, DecodeError>, got: usize, limit: usize) {
    let want = TooLong { got, limit }.to_string();
    let error = result.unwrap_err();
    assert!(error.0.contains(&want), "{error}, want {want}");
}

/// The count is judged before the first element: these messages end right behind it.
#[test]
fn a_count_over_the_bound_is_refused_unread() {
    fn after<T: Encode + Decode + std::fmt::Debug>(before: &[u8], limit: usize) {
        for got in [limit + 1, u32::MAX as usize] {
            let count = u32::try_from(got).unwrap().to_le_bytes();
            assert_refused(T::decode_exact(&[before, &count].concat()), got, limit);
        }
    }
    after::<Blob<7>>(&[], 7);
    after::<Text<7>>(&[], 7);
    after::<List<u8, 7>>(&[], 7);
    after::<Seal>(&[], SEAL_BYTES_MAX);
    after::<Certificate>(&[], CERTIFICATE_BYTES_MAX);
    after::<EngineMessage>(&[], 65_536);
    after::<Body>(&[], TRANSACTIONS_MAX);
    after::<Committee>(&[], MEMBERS_MAX);
    after::<Keys>(&[1], POLICY_KEYS_MAX);
    after::<Witness>(&[3, 0, 0], POLICY_KEYS_MAX);
    after::<Action>(&[0, 0, 0], PAYLOAD_BYTES_MAX);
    after::<Intent>(&[1], SIGNERS_MAX);
    after::<Intent>(&[1, 0, 0, 0, 0], ACTIONS_MAX);
}

/// Made and decoded: 8 fit, 9 do not.
#[test]
fn containers_hold_their_bound_and_no_more() {
    for got in 0..=9_usize {
        let over = (got > 8).then_some(TooLong { got, limit: 8 });
        let (bytes, text) = (vec![7_u8; got], "x".repeat(got));

        assert_eq!(Blob::<8>::try_from(bytes.clone()).err(), over);
        assert_eq!(Text::<8>::try_from(text.clone()).err(), over);
        assert_eq!(List::<u8, 8>::try_from(bytes.clone()).err(), over);

        assert_eq!(Blob::<8>::decode_exact(&bytes.encode()).is_err(), over.is_some());
        assert_eq!(Text::<8>::decode_exact(&text.encode()).is_err(), over.is_some());
        assert_eq!(List::<u8, 8>::decode_exact(&bytes.encode()).is_err(), over.is_some());

        assert_eq!(Blob::<8>::truncated(bytes.clone()).len(), got.min(8));
        assert_eq!(List::<u8, 8>::truncated(bytes).into_vec().len(), got.min(8));
    }
}

#[test]
fn a_text_counts_bytes_and_is_utf8() {
    assert_eq!(Text::<4>::try_from("größ".to_owned()).err(), Some(TooLong { got: 6, limit: 4 }));
    for bytes in [&[0xff][..], &[0xc0, 0x80], &[0xed, 0xa0, 0x80], &[0xf4, 0x90, 0x80, 0x80]] {
        assert!(Text::<8>::decode_exact(&bytes.to_vec().encode()).is_err(), "{bytes:x?}");
    }
}

/// Else a list of a million of them is a message of four bytes. See also [`List`]'s example.
#[test]
fn no_list_has_elements_of_no_bytes() {
    fn refuses_nothing<T: Decode>(name: &'static str) -> &'static str {
        assert!(T::decode_exact(&[]).is_err(), "{name} has a value of no bytes");
        name
    }
    let checked = BTreeSet::from([
        refuses_nothing::<Action>("Action"),
        refuses_nothing::<Member>("Member"),
        refuses_nothing::<Option<Signature>>("Option<Signature>"),
        refuses_nothing::<PublicKey>("PublicKey"),
        refuses_nothing::<Signer>("Signer"),
        refuses_nothing::<Transaction>("Transaction"),
        refuses_nothing::<Witness>("Witness"),
    ]);
    let sources = common::sources();
    let found = sources.iter().flat_map(|text| elements(text)).collect::<BTreeSet<_>>();
    assert_eq!(found, checked, "elements in the sources, and those this test knows");
}

/// What `source` makes lists of.
fn elements(source: &str) -> impl Iterator<Item = &str> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let after = code.flat_map(|line| line.split("List<").skip(1));
    after.filter_map(|rest| rest.split(", ").next()).filter(|element| *element != "T")
}
