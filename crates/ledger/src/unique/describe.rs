use super::{Call, Create, Rights};
use crate::shared::with_memo;
use alloc::{format, string::String};

pub(super) fn describe(call: &Call) -> String {
    match call {
        Call::Create(new) => create(new),
        Call::Mint { id: (collection, number), to, content, metadata } => format!(
            "make item {number} of the collection {collection} for {to}, standing for {content}, \
             {:?}",
            &**metadata
        ),
        Call::Transfer { id: (collection, number), to, memo } => {
            with_memo(&format!("send item {number} of the collection {collection} to {to}"), memo)
        }
        Call::Burn { id: (collection, number) } => {
            format!("destroy item {number} of the collection {collection}")
        }
        Call::Renounce { collection, rights } => format!(
            "give up for good the right to {} on the collection {collection}",
            list(*rights)
        ),
        Call::HandOver { collection, to } => {
            format!("make {to} the issuer of the collection {collection}")
        }
    }
}

fn create(new: &Create) -> String {
    let Create { name, cap, metadata_bytes, rights } = new;
    let name = &**name;
    let cap = cap.map_or_else(|| "any number of".into(), |cap| format!("at most {cap}"));
    format!(
        "create the collection {name:?} of {cap} items with at most {metadata_bytes} bytes of \
         metadata each, with the right to {}",
        list(*rights)
    )
}

const fn list(rights: Rights) -> &'static str {
    match rights {
        Rights { mint: false, burn: false } => "nothing more",
        Rights { mint: true, burn: false } => "mint",
        Rights { mint: false, burn: true } => "let owners burn",
        Rights { mint: true, burn: true } => "mint, let owners burn",
    }
}
