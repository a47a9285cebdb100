//! A mnemonic where its owner alone sees it.
use crate::cli::Export;
use crate::commands::confirm::confirm;
use crate::exit::Failure;
use isonomy::wallet::{Mnemonic, Origin, StoreError, WalletError};
use std::io::IsTerminal;
use std::path::Path;

/// Whether there is a place for the words, before anything is made that needs them.
pub(super) fn place(file: Option<&Path>) -> Result<(), Failure> {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    match file {
        Some(path) if path.exists() => Err(WalletError::Exists { path: path.into() }.into()),
        None if !terminal => Err(Failure::usage(
            "the words are shown on a terminal alone, and this is none; write them to a file with \
             --mnemonic-out FILE",
        )),
        _ => Ok(()),
    }
}

/// Writes them to the file, or shows them.
pub(super) fn hand_over(mnemonic: &Mnemonic, file: Option<&Path>) -> Result<(), Failure> {
    if let Some(path) = file {
        mnemonic.create(path)?;
        eprintln!("the words are in {}: keep them safe, and not on this machine", path.display());
        return Ok(());
    }
    eprintln!("\nWrite these words down, in this order. Whoever has them has the wallet:\n");
    for (place, word) in mnemonic.words().split(' ').enumerate() {
        eprintln!("  {:>2}. {word}", place.saturating_add(1));
    }
    if mnemonic.has_passphrase() {
        eprintln!("\nThey bring back these accounts only together with their own passphrase.");
    }
    eprintln!();
    Ok(())
}

pub(super) fn export(Export { common, mnemonic_out, yes }: Export) -> Result<(), Failure> {
    let file = mnemonic_out.as_deref();
    place(file)?;
    let store = common.unlock.open()?;
    let Origin::Mnemonic(mnemonic) = store.origin() else {
        let (path, source) =
            (store.path().into(), StoreError::NoMnemonic("so there is none to show"));
        return Err(WalletError::Store { path, source }.into());
    };
    if !yes {
        confirm("Whoever sees the words can take all that the wallet holds.", "Show them?")?;
    }
    hand_over(mnemonic, file)?;
    if common.json {
        println!("{}", serde_json::json!({ "mnemonic_out": file }));
    }
    Ok(())
}
