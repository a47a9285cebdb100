//! What is about to be signed, in plain words.
use isonomy_crypto::Hash;
use isonomy_ledger::{Modules, assets, locks, unique};
use isonomy_types::{Action, Address, Intent, Nonce, Signer};
use std::fmt::Write;

/// The modules of this toolkit, for whoever names no others.
pub(crate) fn modules() -> Modules {
    // Their ids differ, and none is the accounts' own.
    Modules::default()
        .with(assets::ID, assets::Assets)
        .and_then(|modules| modules.with(unique::ID, unique::Unique))
        .and_then(|modules| modules.with(locks::ID, locks::Locks))
        .unwrap_or_default()
}

/// Read out of the intent itself. Names `you` where it is meant.
pub(crate) fn describe(
    genesis: &Hash,
    intent: &Intent,
    modules: &Modules,
    you: Option<Address>,
) -> String {
    let Intent { signers, actions, meter_limit, price, expires, .. } = intent;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "In a block up to height {expires} of the chain {genesis}:");
    for Action { module, by, payload } in actions.iter() {
        let _ = writeln!(text, "  {} shall {}", name(intent, *by), deed(modules, *module, payload));
    }
    let _ = match actions.len() {
        0 => writeln!(
            text,
            "  nothing but to spend the turns below, which cancels what waits for them"
        ),
        1 => Ok(()),
        _ => writeln!(text, "all of this, in this order, or nothing of it."),
    };
    let (payer, fee) = (name(intent, 0), intent.max_fee());
    let _ = writeln!(
        text,
        "{payer} pays the fee: at most {fee} coins ({meter_limit} meter units at {price} each).",
    );
    for Signer { account, nonce: Nonce { lane, seq } } in signers.iter() {
        let _ = writeln!(text, "It is transaction {seq} on lane {lane} of {account}.");
    }
    text.truncate(text.trim_end().len());
    address_you(text, you)
}

/// What each action of a transaction does, a line each: who, and what in plain words. Whether it took
/// effect, a receipt says.
#[must_use]
pub fn deeds(intent: &Intent) -> Vec<String> {
    let modules = modules();
    let line = |Action { module, by, payload }: &Action| {
        format!("{}: {}", name(intent, *by), deed(&modules, *module, payload))
    };
    intent.actions.iter().map(line).collect()
}

fn name(intent: &Intent, by: u8) -> String {
    let signer = intent.signers.get(usize::from(by));
    signer.map_or_else(|| "nobody".to_owned(), |signer| signer.account.to_string())
}

/// A module's words are one line of ASCII, whatever names are in the payload: nothing there moves a
/// cursor or turns the direction of what follows.
fn deed(modules: &Modules, module: u16, payload: &[u8]) -> String {
    let words = modules.get(module).map(|found| found.describe(payload));
    let words = words.unwrap_or_else(|_| {
        let count = payload.len();
        format!("call module {module} with {count} bytes that this wallet cannot read")
    });
    words.chars().map(|char| if matches!(char, ' '..='~') { char } else { '?' }).collect()
}

pub(crate) fn address_you(text: String, you: Option<Address>) -> String {
    match you.map(|you| you.to_string()) {
        Some(you) => text.replace(&you, &format!("{you} (you)")),
        None => text,
    }
}
