use super::{json, line, show};
use crate::cli::{Backup, Derive, Label, Named, ShowAddress, WalletAccount, WalletCommon};
use crate::commands::keyring::entry;
use crate::exit::Failure;
use isonomy::types::Address;
use isonomy::wallet::Label as Name;

pub(super) fn derive(Derive { common, label }: Derive) -> Result<(), Failure> {
    let mut store = common.unlock.open()?;
    let made = store.derive(label)?.clone();
    store.save()?;
    show(&made, common.json);
    Ok(())
}

pub(super) fn list(common: &WalletCommon) -> Result<(), Failure> {
    let store = common.unlock.open()?;
    if common.json {
        let entries: Vec<_> = store.entries().iter().map(json).collect();
        println!("{}", serde_json::json!({ "wallet": store.path(), "entries": entries }));
        return Ok(());
    }
    store.entries().iter().for_each(|entry| println!("{}", line(entry)));
    Ok(())
}

fn name(label: Option<Name>, named: Option<Name>) -> Result<Name, Failure> {
    label.or(named).ok_or_else(|| Failure::usage("the label is missing; add it"))
}

/// Of an address that is not there yet, the whole world's is one.
pub(super) fn label(Label { which, label, named, common }: Label) -> Result<(), Failure> {
    let (label, mut store) = (name(label, named)?, common.unlock.open()?);
    let place = match (store.find(&which), which.parse::<Address>()) {
        (Err(_), Ok(address)) => {
            store.add(address, label, false)?;
            address
        }
        (found, _) => {
            let address = found?.address;
            store.rename(&which, label)?;
            address
        }
    };
    store.save()?;
    show(store.find(&place.to_string())?, common.json);
    Ok(())
}

pub(super) fn watch(Label { which, label, named, common }: Label) -> Result<(), Failure> {
    let label = name(label, named)?;
    let address: Address = which.parse().map_err(Failure::usage)?;
    let mut store = common.unlock.open()?;
    store.add(address, label, true)?;
    store.save()?;
    show(store.find(&which)?, common.json);
    Ok(())
}

pub(super) fn forget(Named { which, common }: &Named) -> Result<(), Failure> {
    let mut store = common.unlock.open()?;
    let gone = store.forget(which)?;
    store.save()?;
    show(&gone, common.json);
    Ok(())
}

pub(super) fn address(ShowAddress { which, public }: &ShowAddress) -> Result<(), Failure> {
    let WalletAccount { which, common } = which;
    let store = common.unlock.open()?;
    let found = entry(&store, which.as_deref())?;
    let key = if *public { Some(store.wallet(found)?.public()) } else { None };
    match (common.json, key) {
        (true, key) => {
            let mut said = json(found);
            said["public"] = serde_json::json!(key);
            println!("{said}");
        }
        (false, Some(key)) => println!("{key}"),
        (false, None) => println!("{}", found.address),
    }
    Ok(())
}

pub(super) fn backup(Backup { common, out }: Backup) -> Result<(), Failure> {
    let (store, passphrase) = common.unlock.open_with()?;
    let copy = store.backup(&out, &passphrase)?;
    let entries = copy.entries().len();
    match common.json {
        true => println!("{}", serde_json::json!({ "backup": out, "entries": entries })),
        false => println!("{} opens and holds {entries} accounts and addresses", out.display()),
    }
    Ok(())
}
