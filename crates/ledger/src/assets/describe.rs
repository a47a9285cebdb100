use super::{Asset, Call, Issue, Rights};
use crate::shared::with_memo;
use alloc::{format, string::String, vec::Vec};

pub(super) fn describe(call: &Call) -> String {
    match call {
        Call::Transfer { asset, to, amount, memo } => {
            with_memo(&format!("send {amount} {asset} to {to}"), memo)
        }
        Call::Issue(new) => issue(new),
        Call::Mint { asset, to, amount } => {
            format!("mint {amount} {} for {to}", Asset::Issued(*asset))
        }
        Call::Burn { asset, amount } => format!("destroy {amount} {}", Asset::Issued(*asset)),
        Call::Freeze { asset, account } => {
            format!("keep {account} from giving and receiving the asset {asset}")
        }
        Call::Thaw { asset, account } => {
            format!("let {account} give and receive the asset {asset} again")
        }
        Call::Renounce { asset, rights } => {
            format!("give up for good the right to {} on the asset {asset}", list(*rights))
        }
        Call::HandOver { asset, to } => format!("make {to} the issuer of the asset {asset}"),
    }
}

fn issue(new: &Issue) -> String {
    let Issue { symbol, name, decimals, cap, rights, amount, to } = new;
    let (symbol, name) = (&**symbol, &**name);
    let cap = cap.map_or_else(|| "without a cap".into(), |cap| format!("at most {cap} at a time"));
    format!(
        "issue the asset {symbol:?}, {name:?}, with {decimals} decimals: {amount} units for {to}, \
         {cap}, with the right to {}",
        list(*rights)
    )
}

fn list(rights: Rights) -> String {
    let Rights { mint, burn, freeze } = rights;
    let names = [(mint, "mint"), (burn, "let holders burn"), (freeze, "freeze accounts")];
    let names = names.into_iter().filter(|(held, _)| *held).map(|(_, name)| name);
    match &names.collect::<Vec<_>>()[..] {
        [] => "nothing more".into(),
        names => names.join(", "),
    }
}
