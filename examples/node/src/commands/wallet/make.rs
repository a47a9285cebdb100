use super::{json, line, words};
use crate::cli::{CreateWallet, Passphrase, Restore, Unlock};
use crate::commands::keyring::{ask, replacing};
use crate::exit::Failure;
use isonomy::wallet::{Argon2Cost, Mnemonic, Origin, Store, Wallet, WordCount, read_passphrase};
use std::path::Path;

pub(super) fn create(arguments: CreateWallet) -> Result<(), Failure> {
    let CreateWallet { common, words: count, mnemonic_out, mnemonic_passphrase_file, watch_only } =
        arguments;
    if watch_only {
        return keep(&common.unlock, Origin::Nothing, 1, common.json);
    }
    let file = mnemonic_out.as_deref();
    words::place(file)?;
    // Before the words are shown: they are of no use without a file.
    common.unlock.new_path()?;
    let count = if count == "24" { WordCount::TwentyFour } else { WordCount::Twelve };
    let mnemonic = extended(Mnemonic::generate(count)?, mnemonic_passphrase_file.as_deref())?;
    keep(&common.unlock, Origin::Mnemonic(mnemonic.clone()), 1, common.json)?;
    words::hand_over(&mnemonic, file)
}

pub(super) fn restore(arguments: Restore) -> Result<(), Failure> {
    let Restore { common, mnemonic_file, mnemonic_passphrase_file, key_file, accounts } = arguments;
    common.unlock.new_path()?;
    let origin = match (key_file, mnemonic_file) {
        (Some(path), _) => Origin::from(Wallet::open(&path)?),
        (None, Some(path)) => Origin::Mnemonic(Mnemonic::open(&path)?),
        (None, None) => Origin::Mnemonic(Mnemonic::parse(&ask("The words, on one line: ")?)?),
    };
    let origin = match origin {
        Origin::Mnemonic(mnemonic) => {
            Origin::Mnemonic(extended(mnemonic, mnemonic_passphrase_file.as_deref())?)
        }
        origin => origin,
    };
    keep(&common.unlock, origin, accounts, common.json)
}

pub(super) fn passphrase(arguments: &Passphrase) -> Result<(), Failure> {
    let Passphrase { common, new_passphrase_file } = arguments;
    let mut store = common.unlock.open()?;
    let new = replacing(new_passphrase_file.as_deref())?;
    store.set_passphrase(&new, Argon2Cost::default())?;
    store.save()?;
    let path = store.path();
    match common.json {
        true => println!("{}", serde_json::json!({ "wallet": path })),
        false => println!(
            "{} is under the new passphrase; copies made before open with the old one",
            path.display()
        ),
    }
    Ok(())
}

fn extended(mnemonic: Mnemonic, file: Option<&Path>) -> Result<Mnemonic, Failure> {
    match file {
        Some(file) => Ok(mnemonic.with_passphrase(&read_passphrase(file)?)?),
        None => Ok(mnemonic),
    }
}

/// Writes the wallet, and says what it holds.
fn keep(unlock: &Unlock, origin: Origin, accounts: u16, as_json: bool) -> Result<(), Failure> {
    let path = unlock.new_path()?;
    let passphrase = unlock.new_passphrase()?;
    let mut store = Store::create(&path, &passphrase, origin, Argon2Cost::default())?;
    for _ in 1..accounts {
        store.derive(None)?;
    }
    if accounts > 1 {
        store.save()?;
    }
    let entries = store.entries();
    if as_json {
        let accounts: Vec<_> = entries.iter().map(json).collect();
        println!("{}", serde_json::json!({ "wallet": path, "accounts": accounts }));
        return Ok(());
    }
    println!("wallet       {}", path.display());
    entries.iter().for_each(|entry| println!("{}", line(entry)));
    Ok(())
}
