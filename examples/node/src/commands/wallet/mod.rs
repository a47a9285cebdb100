//! A wallet of many accounts.
mod accounts;
mod balance;
mod history;
mod make;
mod message;
mod part;
mod past;
mod receive;
mod session;
mod words;

use crate::cli::Wallet;
use crate::exit::Failure;
use isonomy::wallet::{Entry, Holder, Mnemonic, Store};

pub(crate) async fn wallet(command: Wallet) -> Result<(), Failure> {
    match command {
        Wallet::Create(arguments) => make::create(arguments),
        Wallet::Restore(arguments) => make::restore(arguments),
        Wallet::Derive(arguments) => accounts::derive(arguments),
        Wallet::List(arguments) => accounts::list(&arguments),
        Wallet::Label(arguments) => accounts::label(arguments),
        Wallet::Watch(arguments) => accounts::watch(arguments),
        Wallet::Forget(arguments) => accounts::forget(&arguments),
        Wallet::Address(arguments) => accounts::address(&arguments),
        Wallet::Receive(arguments) => receive::receive(arguments),
        Wallet::Balance(arguments) => balance::balance(arguments).await,
        Wallet::History(arguments) => history::history(arguments).await,
        Wallet::Send(arguments) => super::send(*arguments).await,
        Wallet::SignMessage(arguments) => message::sign(arguments),
        Wallet::VerifyMessage(arguments) => message::verify(arguments).await,
        Wallet::Session { command } => session::session(command).await,
        Wallet::Export(arguments) => words::export(arguments),
        Wallet::Backup(arguments) => accounts::backup(arguments),
        Wallet::Passphrase(arguments) => make::passphrase(&arguments),
    }
}

/// The named one, or all but other people's.
fn chosen<'a>(store: &'a Store, which: Option<&str>) -> Result<Vec<&'a Entry>, Failure> {
    if let Some(which) = which {
        return Ok(vec![store.find(which)?]);
    }
    Ok(store.entries().iter().filter(|entry| entry.holder != Holder::Other).collect())
}

/// An entry for programs.
fn json(entry: &Entry) -> serde_json::Value {
    let Entry { label, address, holder } = entry;
    let (kind, index) = match holder {
        Holder::Own(index) => ("own", Some(*index)),
        Holder::Watched => ("watched", None),
        Holder::Other => ("other", None),
    };
    serde_json::json!({
        "label": label.as_str(), "address": address, "kind": kind, "account": index,
        "path": index.map(Mnemonic::path),
    })
}

/// An entry for people.
fn line(entry: &Entry) -> String {
    let Entry { label, address, holder } = entry;
    let kind = match holder {
        Holder::Own(index) => format!("account {index}"),
        Holder::Watched => "watched".into(),
        Holder::Other => "other".into(),
    };
    format!("{kind:<12} {label:<20} {address}")
}

fn show(entry: &Entry, as_json: bool) {
    match as_json {
        true => println!("{}", json(entry)),
        false => println!("{}", line(entry)),
    }
}
