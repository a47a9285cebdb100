//! The key file: whose it is, what it holds, and which files are none.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
use isonomy_crypto::Secret;
use isonomy_types::Policy;
use isonomy_wallet::{Account, KEY_FILE_BYTES_MAX, Offer, Wallet, WalletError};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::{TempDir, tempdir};

const SECRET: &str = "0101010101010101010101010101010101010101010101010101010101010101";

fn address() -> String {
    Policy::Key(Secret::from_bytes(&[1; 32]).unwrap().public()).address().to_string()
}

fn good() -> String {
    let address = address();
    format!(
        r#"{{"version": 1, "kind": "isonomy key", "address": "{address}", "secret": "{SECRET}"}}"#
    )
}

/// A file of its owner's alone.
fn file(text: &str) -> (TempDir, PathBuf) {
    let directory = tempdir().unwrap();
    let path = directory.path().join("key.json");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    (directory, path)
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_key_comes_back_as_it_was() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("key.json");
    let wallet = Wallet::create(&path).unwrap();
    assert_eq!(Wallet::open(&path).unwrap().address(), wallet.address());
    assert_eq!(names(directory.path()), ["key.json"]);
    assert!(fs::metadata(&path).unwrap().len() < KEY_FILE_BYTES_MAX / 4);
}

#[test]
fn two_keys_differ() {
    let directory = tempdir().unwrap();
    let draw = |name| Wallet::create(&directory.path().join(name)).unwrap().address();
    assert_ne!(draw("a"), draw("b"));
}

#[test]
fn the_format_is_frozen() {
    let (_directory, path) = file(&good());
    let wallet = Wallet::open(&path).unwrap();
    assert_eq!(wallet.address().to_string(), address());
    let known = "iso105tafqqva2e7883y4248mxr62jnnzgualy4cwjta62p6sg7427mshcpcu9";
    assert_eq!(wallet.address().to_string(), known);
}

#[test]
fn attack_79_a_new_key_file_is_its_owners_alone() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("key.json");
    Wallet::create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
}

#[test]
fn attack_79_a_key_file_that_others_can_read_is_refused() {
    let (_directory, path) = file(&good());
    for mode in [0o604, 0o640, 0o644, 0o660, 0o620, 0o601, 0o777] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let error = Wallet::open(&path).unwrap_err();
        let WalletError::Readable { mode: got, .. } = error else { panic!("{error}") };
        assert_eq!(got, mode);
        let said = error.to_string();
        assert!(said.ends_with(&format!("run: chmod 600 {}", path.display())), "{said}");
        assert!(said.contains(&format!("mode {mode:03o}")), "{said}");
    }
    for mode in [0o600, 0o400, 0o700] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        Wallet::open(&path).unwrap();
    }
}

#[test]
fn nothing_is_ever_overwritten() {
    let (directory, path) = file("dear diary");
    symlink(directory.path().join("nowhere"), directory.path().join("link")).unwrap();
    fs::create_dir(directory.path().join("folder")).unwrap();
    let before = names(directory.path());
    for name in ["key.json", "link", "folder"] {
        let error = Wallet::create(&directory.path().join(name)).unwrap_err();
        assert!(matches!(error, WalletError::Exists { .. }), "{name}: {error}");
        assert!(error.to_string().contains("choose another name"), "{error}");
    }
    assert_eq!(fs::read_to_string(path).unwrap(), "dear diary");
    assert_eq!(names(directory.path()), before);
}

#[test]
fn a_path_that_leads_nowhere_is_named() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("missing/key.json");
    let error = Wallet::create(&path).unwrap_err();
    assert!(matches!(error, WalletError::Io { .. }), "{error}");
    assert!(error.to_string().contains("make its directory first"), "{error}");
    // Each kind of file comes from elsewhere.
    for (error, make) in [
        (Wallet::open(&path).unwrap_err(), "make a key with `isonomy keys new`"),
        (Account::open(&path).unwrap_err(), "make a policy with `isonomy keys policy`"),
        (Offer::open(&path).unwrap_err(), "ask its maker for the offer"),
    ] {
        assert!(matches!(error, WalletError::Missing { .. }), "{error}");
        assert!(error.to_string().contains("missing/key.json; check the path, or"), "{error}");
        assert!(error.to_string().contains(make), "{error}");
    }
    let error = Wallet::open(directory.path()).unwrap_err();
    assert!(error.to_string().ends_with("give a file, not a directory"), "{error}");
}

#[test]
fn another_version_is_refused_whatever_else_it_holds() {
    for rest in ["", r#", "address": 7"#, r#", "cipher": {"name": "x"}, "secret": null"#] {
        let (_directory, path) = file(&format!(r#"{{"version": 2, "kind": "isonomy key"{rest}}}"#));
        let error = Wallet::open(&path).unwrap_err();
        let WalletError::Version { got, limit, .. } = error else { panic!("{error}") };
        assert_eq!((got, limit), (2, 1));
        assert!(error.to_string().contains("update it"), "{error}");
    }
}

#[test]
fn what_is_no_key_file_is_refused() {
    let endless = " ".repeat(usize::try_from(KEY_FILE_BYTES_MAX).unwrap() + 1);
    let table = [
        (String::new(), "Eof error at line 1"),
        ("dear diary".into(), "Syntax error at line 1"),
        ("[]".into(), "Data error"),
        ("{}".into(), "Data error"),
        (good().replace("isonomy key", "ssh key"), "its kind is not \"isonomy key\""),
        (good().replace("}", r#", "note": "mine"}"#), "Data error"),
        (good().replace(&address(), "iso1x"), "Data error"),
        (good().replace(SECRET, &SECRET[2..]), "its secret is not 64 hex digits"),
        (good().replace(SECRET, &SECRET.replace("01", "0g")), "its secret is not 64 hex digits"),
        (good() + &good(), "Syntax error"),
        (good() + &endless, "more than 4096 bytes"),
    ];
    for (text, reason) in table {
        let (_directory, path) = file(&text);
        let error = Wallet::open(&path).unwrap_err();
        assert!(matches!(error, WalletError::Malformed { .. }), "{text}: {error}");
        assert!(error.to_string().contains(reason), "{text}: {error}");
        assert!(error.to_string().contains("key.json"), "{error}");
    }
}

#[test]
fn a_changed_digit_is_noticed() {
    let (_directory, path) = file(&good().replace(SECRET, &SECRET.replacen("01", "02", 1)));
    let error = Wallet::open(&path).unwrap_err();
    let WalletError::Damaged { got, want, .. } = error else { panic!("{error}") };
    assert_eq!(got.to_string(), address());
    assert_ne!(got, want);

    for impossible in ["0".repeat(64), "f".repeat(64)] {
        let (_directory, path) = file(&good().replace(SECRET, &impossible));
        let error = Wallet::open(&path).unwrap_err();
        assert!(matches!(error, WalletError::Secret { .. }), "{error}");
        assert!(error.to_string().contains("restore it from a backup"), "{error}");
    }
}

/// A secret in the wrong place is still one.
#[test]
fn no_secret_shows_in_errors_or_debug() {
    let hiding = [
        format!(r#"{{"version": "{SECRET}"}}"#),
        format!(r#"{{"version": 1, "kind": "{SECRET}"}}"#),
        format!(r#"{{"version": 1, "kind": "isonomy key", "{SECRET}": 1}}"#),
        format!(r#"{{"version": 1, "kind": "isonomy key", "address": "{SECRET}", "secret": ""}}"#),
        format!(r#"{{"version": 1, "kind": "isonomy key", "secret": ["{SECRET}"]}}"#),
        good().replace("0101\"", "010g\""),
        good().replace("0101\"", "0102\""),
        SECRET.to_owned(),
    ];
    for text in hiding {
        let (_directory, path) = file(&text);
        let error = Wallet::open(&path).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(&SECRET[..16]), "{error:?}");
    }
    let (_directory, path) = file(&good());
    let shown = format!("{:?}", Wallet::open(&path).unwrap());
    assert_eq!(shown, "Wallet { secret: Secret(..) }");
}
