//! Show a chain in a browser: the pages that a node serves.
//!
//! Out of scope: carrying the pages over HTTP, and answering what they ask (`isonomy-rpc`). There is
//! no build step: what stands in `web/` is what the browser runs, and is embedded as it is.
//!
//! ```text
//!   GET /              page("/")               index.html
//!   GET /assets/NAME   page("/assets/NAME")    styles, modules, the icon
//!   POST /             JSON-RPC 2.0            what every view asks
//!   GET /ws            JSON-RPC 2.0            heads, reorganisations, blocks, mempool; where there is
//!                                              none, the page asks again every two seconds
//! ```
//!
//! ```
//! use isonomy_explorer::{HEADERS, page};
//!
//! let first = page("/").ok_or("the first page is missing")?;
//! assert_eq!(first.kind, "text/html; charset=utf-8");
//! assert!(first.body.starts_with(b"<!doctype html>"));
//! assert!(page("/assets/../Cargo.toml").is_none());
//! assert!(HEADERS.iter().any(|(name, _)| *name == "content-security-policy"));
//! # Ok::<(), &str>(())
//! ```
//!
//! # What it guarantees
//! - No page asks anybody but the node that served it, but for the faucet that a devnet's node names,
//!   once somebody presses its button and if the [headers](HEADERS) let it.
//! - What the chain says is text, never markup: elements are made of text nodes, and the headers
//!   forbid inline scripts and styles.
//! - A proof is checked in the page, with its own BLAKE3: a header's id, a transaction's id and a state
//!   proof are worked out there, and the node is not asked whether they hold. Tests compare it with
//!   `isonomy-crypto` and `isonomy-client` in a browser.
//! - Everything can be reached by keyboard, and nothing is said by colour alone; each drawing has its
//!   text beside it.
//!
//! # What it does not
//! - The page comes from the node: a node that lies can send a page that lies too. Check a proof that
//!   matters with a page, or with `isonomy proof check`, of your own.
//! - That a proof's block is in the chain is not shown: the page says so, and shows the id to compare.
//!
//! # Limits
//! [`FIRST_BYTES_MAX`]: what a browser loads before the first page is usable. In the pages: 100
//! remembered reorganisations and blocks, 500 remembered assets, 16 MiB of a proof's text.
//!
//! # Features
//! None. Needs `alloc` alone; no dependencies.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

#[cfg(test)]
mod tests;

use alloc::{format, string::String};

/// Bytes that a browser loads until the first page is usable: over a slow line, a second or two. The
/// first page keeps to it together with its answers; all files that it names keep to two thirds of it.
pub const FIRST_BYTES_MAX: usize = 150 * 1024;

/// What every page is to be sent with, in lower case: nothing is loaded from elsewhere, nothing
/// inline runs, nobody frames it, and an updated node's pages are not mixed with those before.
pub const HEADERS: [(&str, &str); 4] = [
    (
        "content-security-policy",
        "default-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-cache"),
];

/// The content security policy of a node whose `status` names a faucet: its pages may ask that server
/// too. What is no plain address, `http://HOST:PORT` or with `https`, changes nothing.
///
/// ```
/// use isonomy_explorer::policy;
///
/// assert!(policy("http://127.0.0.1:7340").contains("connect-src 'self' http://127.0.0.1:7340;"));
/// assert!(!policy("*; script-src *").contains('*'));
/// ```
#[must_use]
pub fn policy(faucet: &str) -> String {
    let [(_, policy), ..] = HEADERS;
    let host = faucet.strip_prefix("http://").or_else(|| faucet.strip_prefix("https://"));
    let host = host.map(|host| host.strip_suffix('/').unwrap_or(host));
    let plain = |host: &str| {
        let fits =
            |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b':' | b'[' | b']');
        !host.is_empty() && host.bytes().all(fits)
    };
    match host.filter(|host| plain(host)) {
        Some(_) => {
            let origin = faucet.strip_suffix('/').unwrap_or(faucet);
            policy.replace("connect-src 'self'", &format!("connect-src 'self' {origin}"))
        }
        None => policy.into(),
    }
}

/// A file that a browser asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// Its content type.
    pub kind: &'static str,
    /// Its bytes.
    pub body: &'static [u8],
}

/// The page of a request's path, without its query. `None`: there is none.
#[must_use]
pub fn page(path: &str) -> Option<Page> {
    let name = if path == "/" { "index.html" } else { path.strip_prefix("/assets/")? };
    let (_, body) = FILES.iter().find(|(file, _)| *file == name)?;
    Some(Page { kind: kind(name)?, body })
}

fn kind(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    match ending {
        "html" => Some("text/html; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_bytes!(concat!("../web/", $name)).as_slice())),*]
    };
}

static FILES: &[(&str, &[u8])] = &files!(
    "account.js" "app.js" "asset.js" "blake3.js" "block.js" "bytes.js" "charts.js" "dom.js"
    "faucet.js" "find.js" "forks.js" "format.js" "icon.svg" "index.html" "item.js" "live.js"
    "lock.js" "mempool.js" "parts.css" "peers.js" "proof.js" "proofs.js" "rpc.js" "series.js"
    "state.js" "style.css" "theme.js" "tip.js" "transaction.js"
);
