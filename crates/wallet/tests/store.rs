//! The key store: what comes back, what is refused, and that no secret shows.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
use isonomy_crypto::{Hash, Secret};
use isonomy_types::Address;
use isonomy_wallet::{
    ARGON2_KIB_MAX, ARGON2_PASSES_MAX, Argon2Cost, Holder, Label, LabelError, Mnemonic, Origin,
    STORE_ENTRIES_MAX, STORE_FILE_BYTES_MAX, Store, StoreError, Wallet, WalletError,
    read_passphrase,
};
use proptest::prelude::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::{TempDir, tempdir};

const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const PASSPHRASE: &str = "correct horse";

/// As cheap as argon2id gets, for tests.
fn cheap() -> Argon2Cost {
    Argon2Cost::new(8, 1).unwrap()
}

fn words() -> Origin {
    Origin::Mnemonic(Mnemonic::parse(WORDS).unwrap())
}

fn made(origin: Origin) -> (TempDir, PathBuf, Store) {
    let dir = tempdir().unwrap();
    let path = dir.path().join("wallet");
    let store = Store::create(&path, PASSPHRASE, origin, cheap()).unwrap();
    (dir, path, store)
}

fn label(text: &str) -> Label {
    text.parse().unwrap()
}

fn address(byte: u8) -> Address {
    Address(Hash::from_bytes([byte; 32]))
}

/// The reason without the path.
fn reason(error: WalletError) -> StoreError {
    match error {
        WalletError::Store { source, .. } => source,
        error => panic!("{error}"),
    }
}

#[test]
fn accounts_and_addresses_come_back_with_their_keys() {
    let (_dir, path, mut store) = made(words());
    let mnemonic = Mnemonic::parse(WORDS).unwrap();
    store.derive(None).unwrap();
    store.derive(Some(label("savings"))).unwrap();
    store.add(address(8), label("old box"), true).unwrap();
    store.add(address(9), label("bob"), false).unwrap();
    store.save().unwrap();
    let store = Store::open(&path, PASSPHRASE).unwrap();
    let labels: Vec<_> = store.entries().iter().map(|entry| entry.label.as_str()).collect();
    assert_eq!(labels, ["main", "account 1", "savings", "old box", "bob"]);
    for (which, index) in [("main", 0), ("1", 1), ("savings", 2)] {
        let entry = store.find(which).unwrap();
        assert_eq!(entry.holder, Holder::Own(index));
        let wallet = store.wallet(entry).unwrap();
        assert_eq!(wallet.address(), entry.address);
        assert_eq!(wallet.public(), mnemonic.account(index).unwrap().public());
        assert_eq!(store.find(&entry.address.to_string()).unwrap(), entry);
    }
    for which in ["old box", "bob"] {
        let error = reason(store.wallet(store.find(which).unwrap()).unwrap_err());
        assert!(matches!(error, StoreError::NoKey { .. }), "{error}");
        assert!(error.to_string().contains("sign with the wallet that holds its key"), "{error}");
    }
    let Origin::Mnemonic(kept) = store.origin() else { panic!("it has words") };
    assert_eq!(*kept.words(), WORDS);
}

#[test]
fn a_mnemonics_own_passphrase_is_kept_too() {
    let mnemonic = Mnemonic::parse(WORDS).unwrap().with_passphrase("extra").unwrap();
    let public = mnemonic.account(0).unwrap().public();
    let (_dir, path, _) = made(Origin::Mnemonic(mnemonic));
    let store = Store::open(&path, PASSPHRASE).unwrap();
    assert_eq!(store.wallet(store.find("0").unwrap()).unwrap().public(), public);
}

#[test]
fn a_single_key_is_taken_in_and_a_store_may_have_none() {
    let secret = Secret::from_bytes(&[7; 32]).unwrap();
    let (_dir, path, _) = made(Origin::Key(secret.clone()));
    let mut store = Store::open(&path, PASSPHRASE).unwrap();
    let own = store.find("main").unwrap();
    assert_eq!(own.address, Wallet::new(secret).address());
    assert_eq!(store.wallet(own).unwrap().address(), own.address);
    let error = reason(store.derive(None).unwrap_err());
    assert!(matches!(error, StoreError::NoMnemonic(_)), "{error}");
    let (_dir, path, mut store) = made(Origin::Nothing);
    assert!(store.entries().is_empty());
    store.add(address(1), label("mine"), true).unwrap();
    store.save().unwrap();
    assert_eq!(Store::open(&path, PASSPHRASE).unwrap().entries().len(), 1);
}

#[test]
fn labels_and_addresses_stand_once() {
    let (_dir, _, mut store) = made(words());
    store.add(address(1), label("bob"), false).unwrap();
    let taken = |error| matches!(reason(error), StoreError::Taken { .. });
    let known = |error| matches!(reason(error), StoreError::Known { .. });
    assert!(taken(store.add(address(2), label("bob"), true).unwrap_err()));
    assert!(taken(store.derive(Some(label("bob"))).unwrap_err()));
    assert!(taken(store.rename("main", label("bob")).unwrap_err()));
    assert!(known(store.add(address(1), label("robert"), false).unwrap_err()));
    store.rename("bob", label("bob")).unwrap();
    store.rename(&address(1).to_string(), label("robert")).unwrap();
    store.rename("0", label("bob")).unwrap();
    let error = reason(store.forget("bob").unwrap_err());
    assert_eq!(error, StoreError::Own { label: "bob".into() });
    assert_eq!(store.forget("robert").unwrap().address, address(1));
    let error = reason(store.find("robert").unwrap_err());
    assert_eq!(error, StoreError::Unknown { got: "robert".into() });
    assert!(error.to_string().contains("isonomy wallet list"));
}

#[test]
fn a_label_is_not_mistaken_for_anything_else() {
    for (text, want) in [
        ("", "1 to 64 bytes"),
        (&*"x".repeat(65), "1 to 64 bytes"),
        ("7", "an account's number"),
        ("iso1bob", "an address"),
        ("ISO1bob", "an address"),
        ("isonomy:bob", "an address"),
        (" bob", "a space"),
        ("bob\u{1b}[2J", "do not print"),
        ("bob\u{202e}", "do not print"),
        ("b\nob", "do not print"),
    ] {
        let error: LabelError = text.parse::<Label>().unwrap_err();
        assert!(error.to_string().contains(want), "{text:?}: {error}");
        assert!(error.to_string().chars().all(|char| !char.is_control()), "{error}");
    }
    for text in ["bob", "7 seas", "Zoë's box", "財布"] {
        assert_eq!(label(text).as_str(), text);
    }
}

#[test]
fn a_wrong_passphrase_and_a_changed_file_look_alike() {
    let (_dir, path, _) = made(words());
    for wrong in ["", "correct", "Correct horse", "correct horse "] {
        let error = reason(Store::open(&path, wrong).unwrap_err());
        assert_eq!(error, StoreError::Sealed);
        assert!(error.to_string().starts_with("wrong passphrase, or the file was changed"));
    }
    let error = Store::create(&path.with_extension("x"), "", words(), cheap()).unwrap_err();
    assert_eq!(reason(error), StoreError::Empty);
}

#[test]
fn every_changed_byte_and_every_cut_is_refused() {
    let (_dir, path, _) = made(words());
    let good = fs::read(&path).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&path, &bad).unwrap();
        let error = reason(Store::open(&path, PASSPHRASE).unwrap_err());
        match at {
            0..8 => assert_eq!(error, StoreError::NoStore),
            8 => assert_eq!(error, StoreError::Version { got: 0, limit: 1 }),
            _ => assert!(matches!(error, StoreError::Sealed | StoreError::Cost { .. }), "{at}"),
        }
        fs::write(&path, &good[..at]).unwrap();
        let error = reason(Store::open(&path, PASSPHRASE).unwrap_err());
        assert!(matches!(error, StoreError::NoStore | StoreError::Sealed), "{at}: {error}");
    }
    fs::write(&path, [&good[..], &[0]].concat()).unwrap();
    assert_eq!(reason(Store::open(&path, PASSPHRASE).unwrap_err()), StoreError::Sealed);
    fs::write(&path, good).unwrap();
    Store::open(&path, PASSPHRASE).unwrap();
}

/// A file says what its passphrase costs, before anything is known of whoever wrote it.
#[test]
fn attack_79_a_hostile_store_takes_neither_memory_nor_minutes() {
    let (_dir, path, _) = made(words());
    let good = fs::read(&path).unwrap();
    for (at, got, what) in [
        (9, u32::MAX, "KiB"),
        (9, ARGON2_KIB_MAX + 1, "KiB"),
        (9, 7, "KiB"),
        (13, u32::MAX, "passes"),
        (13, ARGON2_PASSES_MAX + 1, "passes"),
        (13, 0, "passes"),
    ] {
        let mut bad = good.clone();
        bad[at..at + 4].copy_from_slice(&got.to_le_bytes());
        fs::write(&path, &bad).unwrap();
        let error = reason(Store::open(&path, PASSPHRASE).unwrap_err());
        let StoreError::Cost { what: of, got: said, .. } = error else { panic!("{error}") };
        assert_eq!((of, said), (what, got));
    }
    let endless = fs::File::options().write(true).open(&path).unwrap();
    endless.set_len(STORE_FILE_BYTES_MAX + 1).unwrap();
    assert!(matches!(Store::open(&path, PASSPHRASE), Err(WalletError::Large { .. })));
    assert_eq!(Argon2Cost::default(), Argon2Cost::new(64 * 1_024, 3).unwrap());
}

#[test]
fn attack_79_secrets_are_readable_by_their_owner_alone() {
    let (dir, path, mut store) = made(words());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&path), 0o600);
    store.derive(None).unwrap();
    store.save().unwrap();
    assert_eq!(mode(&path), 0o600, "written anew");
    let copy = dir.path().join("copy");
    store.backup(&copy, PASSPHRASE).unwrap();
    assert_eq!(mode(&copy), 0o600);
    let phrase = dir.path().join("words");
    Mnemonic::parse(WORDS).unwrap().create(&phrase).unwrap();
    assert_eq!(mode(&phrase), 0o600);
    let secret = dir.path().join("passphrase");
    fs::write(&secret, "correct horse\r\nnot this").unwrap();
    for mode in [0o604, 0o640, 0o644, 0o660, 0o620, 0o601, 0o777] {
        for path in [&path, &phrase, &secret] {
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        }
        let refused = [
            Store::open(&path, PASSPHRASE).unwrap_err(),
            store.save().unwrap_err(),
            Mnemonic::open(&phrase).unwrap_err(),
            read_passphrase(&secret).unwrap_err(),
        ];
        for error in refused {
            let said = error.to_string();
            assert!(matches!(error, WalletError::Readable { mode: got, .. } if got == mode));
            assert!(said.contains("run: chmod 600"), "{said}");
        }
    }
    fs::set_permissions(&secret, Permissions::from_mode(0o400)).unwrap();
    assert_eq!(*read_passphrase(&secret).unwrap(), PASSPHRASE, "the first line");
}

#[test]
fn attack_79_no_secret_shows_in_the_file_in_debug_or_in_errors() {
    let mnemonic = Mnemonic::parse(WORDS).unwrap().with_passphrase("extra words").unwrap();
    let secret = mnemonic.account(0).unwrap();
    let seed = const_hex::encode(*mnemonic.seed());
    let key = const_hex::encode(*secret.to_bytes());
    let (_dir, path, mut store) = made(Origin::Mnemonic(mnemonic.clone()));
    let hidden = ["legal", "winner", "sausage", "extra words", "correct", &seed[..16], &key[..16]];
    let hides = |said: &str| {
        hidden.iter().for_each(|secret| assert!(!said.contains(secret), "{secret}: {said}"));
    };
    let wallet = store.wallet(store.find("main").unwrap()).unwrap();
    hides(&format!("{store:?} {:?} {mnemonic:?} {wallet:?}", store.origin()));
    let file = fs::read(&path).unwrap();
    let bytes = [
        &b"legal"[..],
        b"extra words",
        b"main",
        secret.to_bytes().as_slice(),
        store.entries()[0].address.0.as_bytes(),
    ]
    .map(|secret| file.windows(secret.len()).any(|part| part == secret));
    assert_eq!(bytes, [false; 5], "nothing of it is in the clear");
    let errors = [
        Store::open(&path, "correct").unwrap_err(),
        Store::create(&path, PASSPHRASE, words(), cheap()).unwrap_err(),
        Store::open(&path.join("x"), PASSPHRASE).unwrap_err(),
        store.forget("main").unwrap_err(),
        store.find("nobody").unwrap_err(),
        Mnemonic::parse(&WORDS.replace("year", "zoo")).unwrap_err().into(),
    ];
    errors.iter().for_each(|error| hides(&format!("{error} {error:?}")));
}

#[test]
fn a_store_is_never_written_over_by_surprise() {
    let (dir, path, mut store) = made(words());
    let before = fs::read(&path).unwrap();
    let error = Store::create(&path, PASSPHRASE, words(), cheap()).unwrap_err();
    assert!(matches!(error, WalletError::Exists { .. }), "{error}");
    assert!(store.backup(&path, PASSPHRASE).is_err());
    assert_eq!(fs::read(&path).unwrap(), before);
    // Two programs at once: the second to write is told.
    let mut other = Store::open(&path, PASSPHRASE).unwrap();
    other.add(address(1), label("bob"), false).unwrap();
    other.save().unwrap();
    store.derive(None).unwrap();
    assert_eq!(reason(store.save().unwrap_err()), StoreError::Changed);
    let kept = Store::open(&path, PASSPHRASE).unwrap();
    assert_eq!(kept.entries().len(), 2);
    other.rename("bob", label("robert")).unwrap();
    other.save().unwrap();
    // A link stays a link, and no passing file stays behind.
    let link = dir.path().join("link");
    symlink(&path, &link).unwrap();
    let mut linked = Store::open(&link, PASSPHRASE).unwrap();
    linked.derive(None).unwrap();
    linked.save().unwrap();
    assert!(link.is_symlink() && !path.is_symlink());
    assert_eq!(Store::open(&path, PASSPHRASE).unwrap().entries().len(), 3);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    fs::remove_file(&path).unwrap();
    assert!(matches!(linked.save(), Err(WalletError::Missing { .. })));
}

#[test]
fn many_who_write_at_once_lose_nothing_silently() {
    let (_dir, path, _) = made(words());
    let write = |byte: u8| {
        let mut store = Store::open(&path, PASSPHRASE).unwrap();
        store.add(address(byte), label(&format!("number {byte}")), false).unwrap();
        store.save().is_ok()
    };
    let wrote: Vec<bool> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..8).map(|byte| scope.spawn(move || write(byte))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let kept = Store::open(&path, PASSPHRASE).unwrap();
    assert_eq!(kept.entries().len(), 1 + wrote.iter().filter(|wrote| **wrote).count());
}

#[test]
fn a_backup_and_a_new_passphrase_open_what_they_should() {
    let (dir, path, mut store) = made(words());
    let copy = dir.path().join("copy");
    assert_eq!(store.backup(&copy, PASSPHRASE).unwrap().entries(), store.entries());
    let wrong = store.backup(&dir.path().join("other"), "wrong").unwrap_err();
    assert_eq!(reason(wrong), StoreError::Sealed, "a backup that does not open is said");
    store.set_passphrase("battery staple", cheap()).unwrap();
    store.save().unwrap();
    assert_eq!(reason(Store::open(&path, PASSPHRASE).unwrap_err()), StoreError::Sealed);
    assert_eq!(Store::open(&path, "battery staple").unwrap().entries(), store.entries());
    Store::open(&copy, PASSPHRASE).unwrap();
    assert_eq!(reason(store.set_passphrase("", cheap()).unwrap_err()), StoreError::Empty);
}

#[test]
fn other_files_are_told_apart() {
    let (dir, path, _) = made(words());
    let key = dir.path().join("key.json");
    Wallet::create(&key).unwrap();
    assert_eq!(reason(Store::open(&key, PASSPHRASE).unwrap_err()), StoreError::KeyFile);
    for text in ["", "dear diary", "isostor", &"x".repeat(500)] {
        fs::write(&path, text).unwrap();
        let error = reason(Store::open(&path, PASSPHRASE).unwrap_err());
        assert_eq!(error, StoreError::NoStore, "{text}");
    }
    let mut newer = b"isostore\x02".to_vec();
    newer.resize(60, 0);
    fs::write(&path, newer).unwrap();
    let error = reason(Store::open(&path, PASSPHRASE).unwrap_err());
    assert_eq!(error, StoreError::Version { got: 2, limit: 1 });
    assert!(matches!(Store::open(&dir.path().join("x"), ""), Err(WalletError::Missing { .. })));
}

#[test]
fn a_store_has_an_end() {
    let (_dir, path, mut store) = made(words());
    for at in 1..STORE_ENTRIES_MAX {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&at.to_be_bytes());
        let long = format!("{at:x>64}");
        store.add(Address(Hash::from_bytes(bytes)), label(&long), false).unwrap();
    }
    let error = reason(store.add(address(9), label("more"), false).unwrap_err());
    assert_eq!(error, StoreError::Full { limit: STORE_ENTRIES_MAX });
    assert!(matches!(reason(store.derive(None).unwrap_err()), StoreError::Full { .. }));
    store.save().unwrap();
    assert!(fs::metadata(&path).unwrap().len() < STORE_FILE_BYTES_MAX / 2);
    assert_eq!(Store::open(&path, PASSPHRASE).unwrap().entries().len(), STORE_ENTRIES_MAX);
}

/// A store of version 1, frozen: `PASSPHRASE`, the key of all sevens, and `bob`.
#[test]
fn a_store_of_version_1_is_read_for_ever() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("wallet");
    fs::write(&path, const_hex::decode(FROZEN).unwrap()).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let store = Store::open(&path, PASSPHRASE).unwrap();
    let labels: Vec<_> = store.entries().iter().map(|entry| entry.label.as_str()).collect();
    assert_eq!(labels, ["main", "bob"]);
    let own = Wallet::new(Secret::from_bytes(&[7; 32]).unwrap());
    assert_eq!(store.wallet(store.find("0").unwrap()).unwrap().address(), own.address());
    assert_eq!(store.find("bob").unwrap().address, address(9));
}

const FROZEN: &str = "\
    69736f73746f72650108000000010000001968e0ff96a0a8ccf7b91e049a7b9de5f86293fb632da9f7c501d95f\
    a384467203d1e0cd2b6d302d8198c603d95f8a5b4130f8f70918517d0bf93fd21b58d82689b4bfde3f35190b77\
    79df7e4a76714814c049b3e111278e78837c48aca05d61d473f56682138bd86f2c861f2560002fca86b51f62c2\
    62204de51d8cfbf160fcf3406ed99fddc231474152449b6d4ff9b2e25d084906e79cf308653a2b94251672464c\
    bd8657";

/// What a person does with a store.
#[derive(Clone, Debug)]
enum Act {
    Derive(Option<u8>),
    Add(u8, u8, bool),
    Rename(u8, u8),
    Forget(u8),
    Reopen,
    Passphrase,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        proptest::option::of(0_u8..6).prop_map(Act::Derive),
        (0_u8..6, 0_u8..6, any::<bool>()).prop_map(|(at, name, own)| Act::Add(at, name, own)),
        (0_u8..6, 0_u8..6).prop_map(|(from, to)| Act::Rename(from, to)),
        (0_u8..6).prop_map(Act::Forget),
        Just(Act::Reopen),
        Just(Act::Passphrase),
    ]
}

fn named(byte: u8) -> String {
    format!("name {byte}")
}

/// The store as a plain list: label, address, and whether it is its own.
#[derive(Default)]
struct Model {
    entries: Vec<(String, Address, bool)>,
}

impl Model {
    fn free(&self, name: &str) -> bool {
        self.entries.iter().all(|(label, ..)| label != name)
    }

    fn apply(&mut self, act: &Act) -> bool {
        match act {
            Act::Derive(name) => {
                let index = self.entries.iter().filter(|(.., own)| *own).count();
                let name = name.map_or_else(|| format!("account {index}"), named);
                let free = self.free(&name);
                if free {
                    let secret = Mnemonic::parse(WORDS).unwrap().account(index as u32).unwrap();
                    self.entries.insert(index, (name, Wallet::new(secret).address(), true));
                }
                free
            }
            Act::Add(at, name, _) => {
                let (new, name) = (address(*at), named(*name));
                let free = self.free(&name) && self.entries.iter().all(|(_, old, _)| *old != new);
                if free {
                    self.entries.push((name, new, false));
                }
                free
            }
            Act::Rename(from, to) => {
                let (from, to) = (named(*from), named(*to));
                let there = !self.free(&from) && (from == to || self.free(&to));
                if there {
                    let entry = self.entries.iter_mut().find(|(label, ..)| *label == from);
                    entry.unwrap().0 = to;
                }
                there
            }
            Act::Forget(name) => {
                let name = named(*name);
                let before = self.entries.len();
                self.entries.retain(|(label, _, own)| *label != name || *own);
                self.entries.len() < before
            }
            Act::Reopen | Act::Passphrase => true,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_store_does_as_a_plain_list_does(acts in proptest::collection::vec(act(), 0..24)) {
        let (_dir, path, mut store) = made(words());
        let mut model = Model::default();
        let first = store.entries()[0].address;
        model.entries.push(("main".into(), first, true));
        let mut passphrase = PASSPHRASE;
        for act in acts {
            let done = match &act {
                Act::Derive(name) => store.derive(name.map(|name| label(&named(name)))).is_ok(),
                Act::Add(at, name, own) => {
                    store.add(address(*at), label(&named(*name)), *own).is_ok()
                }
                Act::Rename(from, to) => store.rename(&named(*from), label(&named(*to))).is_ok(),
                Act::Forget(name) => store.forget(&named(*name)).is_ok(),
                Act::Reopen => {
                    store.save().unwrap();
                    store = Store::open(&path, passphrase).unwrap();
                    true
                }
                Act::Passphrase => {
                    passphrase = "another";
                    store.set_passphrase(passphrase, cheap()).unwrap();
                    store.save().unwrap();
                    true
                }
            };
            prop_assert_eq!(done, model.apply(&act), "{:?}", act);
            let entries: Vec<_> = store.entries().iter().map(|entry| {
                let own = matches!(entry.holder, Holder::Own(_));
                (entry.label.to_string(), entry.address, own)
            }).collect();
            prop_assert_eq!(&entries, &model.entries);
        }
    }
}
