//! What happened, as one hash.
use crate::network::Party;
use isonomy_crypto::{Domain, Hash, Hasher};
use isonomy_node::{Done, Input};
use isonomy_types::{Encode, Link, Mono, NodeKey};

const TRACE: Domain = Domain::new("isonomy sim trace 1");

pub(crate) struct Trace(Hasher);

impl Default for Trace {
    fn default() -> Self {
        Self(TRACE.hasher())
    }
}

impl Trace {
    /// Something reaches a party.
    pub(crate) fn note(&mut self, now: Mono, party: Party, what: &str, parts: &[&[u8]]) {
        let (kind, index) = match party {
            Party::Host(index) => (0, index),
            Party::Outsider(index) => (1, index),
        };
        self.0.update(&now.0.to_le_bytes()).update(&[kind]).update(&(index as u64).to_le_bytes());
        for part in [what.as_bytes()].iter().chain(parts) {
            self.0.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
    }

    pub(crate) fn input(&mut self, now: Mono, host: usize, input: &Input) {
        let (what, parts) = summary(input);
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        self.note(now, Party::Host(host), what, &parts);
    }

    pub(crate) fn hash(&self) -> Hash {
        self.0.finalize()
    }
}

fn summary(input: &Input) -> (&'static str, Vec<Vec<u8>>) {
    let name = |link: &Link| link.0.encode();
    match input {
        Input::Opened { link, direction, remote: NodeKey(key), address } => {
            let outbound = *direction == isonomy_peer::Direction::Outbound;
            ("opened", vec![name(link), outbound.encode(), key.to_vec(), address.encode()])
        }
        Input::Closed { link } => ("closed", vec![name(link)]),
        Input::DialFailed { address } => ("dial failed", vec![address.encode()]),
        Input::Received { link, bytes } => ("received", vec![name(link), bytes.clone()]),
        Input::Writable { link, bytes } => ("writable", vec![name(link), (*bytes as u64).encode()]),
        Input::Submit { request, transaction } => {
            ("submit", vec![request.0.encode(), transaction.encode()])
        }
        Input::Restore { transactions } => ("restore", vec![transactions.encode()]),
        Input::Seeds { addresses } => ("seeds", vec![addresses.encode()]),
        Input::Done(id, done) => {
            let (what, found) = result(done);
            (what, vec![id.0.encode(), found])
        }
        Input::Committed { ticket, view } => {
            ("committed", vec![ticket.0.encode(), view.is_some().encode()])
        }
        Input::StoreFailed { why } => ("store failed", vec![why.encode()]),
        Input::Tick => ("tick", Vec::new()),
    }
}

fn result(done: &Done) -> (&'static str, Vec<u8>) {
    match done {
        Done::Followed(followed) => {
            let ids: Vec<Hash> = followed.valid.iter().map(|valid| valid.trail().id).collect();
            ("followed", (ids, followed.broken.is_some()).encode())
        }
        Done::Body(body) => {
            let ids = body.as_ref().ok().map(|body| body.iter().map(|tx| tx.id()).collect());
            ("body", ids.map(|ids: Vec<Hash>| ids).encode())
        }
        Done::Admitted(verdicts) => {
            let verdicts = verdicts.iter().map(|verdict| (verdict.id, verdict.result.is_ok()));
            ("admitted", verdicts.collect::<Vec<_>>().encode())
        }
        Done::Executed(executed) => {
            let roots = executed.as_ref().ok().map(|done| (done.tree.root(), done.receipts_root));
            ("executed", roots.encode())
        }
        Done::Mined(nonce) => ("mined", nonce.encode()),
        Done::Verified(valid) => ("verified", valid.encode()),
        Done::Signed(signature) => ("signed", signature.encode()),
        Done::ReadBody(body) => {
            let body = body.as_ref().ok();
            ("read body", body.map(|body| body.as_ref().map(isonomy_types::Body::root)).encode())
        }
        Done::ReadHeaders(entries) => {
            let entries = entries.as_ref().ok();
            ("read headers", entries.map(|entries| entries.len() as u64).encode())
        }
    }
}
