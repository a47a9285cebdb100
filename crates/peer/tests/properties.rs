//! Whatever happens in whatever order: promises that hold always.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::samples::{entry, messages};
use common::{hash, hashes, hello, now};
use isonomy_crypto::Hash;
use isonomy_peer::{
    BodyBytes, CloseReason, Config, Direction, Input, Limits, Message, NetAddress, Output,
    PeerInfo, Peers, TransactionBytes, Violation, Worth,
};
use isonomy_types::{EngineMessage, Link, List, Mono, NodeKey};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const LINKS: u64 = 6;

#[derive(Clone, Debug)]
enum Step {
    Open {
        link: u64,
        key: u64,
        inbound: bool,
    },
    Close(u64),
    /// Opened, with credit and hello.
    Ready {
        link: u64,
        inbound: bool,
    },
    Bytes(u64, Vec<u8>),
    Say(u64, Message),
    Writable(u64, usize),
    Pass(u64),
    Call(u64, Call),
}

#[derive(Clone, Debug)]
enum Call {
    AskHeaders,
    AnswerHeaders(u64),
    AnswerBody(u64, usize),
    AnswerNoBody(u64),
    Want(u64, u64),
    Announce(u64),
    Request(u64, u64),
    Retry(u64),
    AnnounceTransactions(u64, u64),
    AnswerTransactions(u64, u64),
    AskAddresses,
    AnswerAddresses,
    Relay(u64, u64),
    Send,
    Worth(bool),
    Hangup,
}

fn call() -> impl Strategy<Value = Call> {
    let n = || 0..40_u64;
    prop_oneof![
        Just(Call::AskHeaders),
        n().prop_map(Call::AnswerHeaders),
        (n(), 0..100_000_usize).prop_map(|(id, size)| Call::AnswerBody(id, size)),
        n().prop_map(Call::AnswerNoBody),
        (n(), n()).prop_map(|(from, count)| Call::Want(from, count)),
        n().prop_map(Call::Announce),
        (n(), n()).prop_map(|(from, count)| Call::Request(from, count)),
        n().prop_map(Call::Retry),
        (n(), n()).prop_map(|(from, count)| Call::AnnounceTransactions(from, count)),
        (n(), n()).prop_map(|(from, count)| Call::AnswerTransactions(from, count)),
        Just(Call::AskAddresses),
        Just(Call::AnswerAddresses),
        (n(), any::<u64>()).prop_map(|(key, expires)| Call::Relay(key, expires)),
        Just(Call::Send),
        any::<bool>().prop_map(Call::Worth),
        Just(Call::Hangup),
    ]
}

/// A message that often fits what was asked.
fn message() -> impl Strategy<Value = Message> {
    let n = || 0..40_u64;
    let bodies = BodyBytes::default();
    prop_oneof![
        4 => prop::sample::select(messages()),
        2 => n().prop_map(|n| Message::NoBody { id: hash(n) }),
        2 => n().prop_map(move |n| Message::Body { id: hash(n), bytes: bodies.clone() }),
        2 => n().prop_map(|n| Message::Headers { entries: List::truncated(vec![entry(n)]) }),
        2 => n().prop_map(|n| Message::NewHeaders { entries: List::truncated(vec![entry(n)]) }),
        2 => (n(), n()).prop_map(|(a, b)| Message::Announce { ids: List::truncated(hashes(a..a + b)) }),
        1 => n().prop_map(|n| {
            Message::Transactions { items: List::truncated(vec![(hash(n), TransactionBytes::default())]) }
        }),
        2 => n().prop_map(|n| Message::GetBody { id: hash(n) }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let link = || 0..LINKS;
    prop_oneof![
        1 => (link(), 0..4_u64, any::<bool>())
            .prop_map(|(link, key, inbound)| Step::Open { link, key, inbound }),
        1 => link().prop_map(Step::Close),
        4 => (link(), any::<bool>()).prop_map(|(link, inbound)| Step::Ready { link, inbound }),
        1 => (link(), prop::collection::vec(any::<u8>(), 0..50))
            .prop_map(|(link, bytes)| Step::Bytes(link, bytes)),
        10 => (link(), message()).prop_map(|(link, message)| Step::Say(link, message)),
        2 => (link(), prop_oneof![0..2_000_usize, Just(usize::MAX)])
            .prop_map(|(link, bytes)| Step::Writable(link, bytes)),
        4 => prop_oneof![0..10_u64, 0..5_000_u64, 0..100_000_u64].prop_map(Step::Pass),
        1 => Just(Step::Pass(u64::MAX)),
        12 => (link(), call()).prop_map(|(link, call)| Step::Call(link, call)),
    ]
}

/// The machine and what was promised about it.
struct Watch {
    peers: Peers,
    time: u64,
    limits: Limits,
    /// The n-th link that a step names; a new number each time it is opened.
    names: BTreeMap<u64, Link>,
    opened: u64,
    credit: BTreeMap<Link, u128>,
    ready: BTreeSet<Link>,
    over: BTreeSet<Link>,
    /// What each link was sent.
    asked: BTreeMap<Link, Vec<u8>>,
}

impl Watch {
    fn new() -> Self {
        let limits = Limits { links: 4, ..Limits::default() };
        let config = Config { limits: limits.clone(), ..common::config() };
        Self {
            peers: Peers::new(now(0), config),
            time: 0,
            limits,
            names: BTreeMap::new(),
            opened: 0,
            credit: BTreeMap::new(),
            ready: BTreeSet::new(),
            over: BTreeSet::new(),
            asked: BTreeMap::new(),
        }
    }

    fn handle(&mut self, input: Input) {
        self.peers.handle(now(self.time), input);
        self.check();
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Open { link, key, inbound } => self.open(link, key, inbound),
            Step::Ready { link, inbound } => {
                self.open(link, 100 + link, inbound);
                let link = self.names[&link];
                self.writable(link, 10_000);
                let bytes = Message::Hello(hello(link.0)).to_frame();
                self.handle(Input::Received { link, bytes });
            }
            Step::Close(link) => {
                let Some(link) = self.names.remove(&link) else { return };
                self.handle(Input::Closed { link });
                self.over.insert(link);
            }
            Step::Bytes(link, bytes) => {
                let link = self.name(link);
                self.handle(Input::Received { link, bytes });
            }
            Step::Say(link, message) => {
                let (link, bytes) = (self.name(link), message.to_frame());
                self.handle(Input::Received { link, bytes });
            }
            Step::Writable(link, bytes) => {
                let link = self.name(link);
                self.writable(link, bytes);
            }
            Step::Pass(ms) => {
                self.time = self.time.saturating_add(ms);
                self.handle(Input::Tick);
            }
            Step::Call(link, call) => {
                let link = self.name(link);
                self.call(link, call);
                self.check();
            }
        }
    }

    fn name(&self, link: u64) -> Link {
        self.names.get(&link).copied().unwrap_or(Link(u64::MAX))
    }

    fn open(&mut self, name: u64, key: u64, inbound: bool) {
        if let Some(link) = self.names.remove(&name) {
            self.handle(Input::Closed { link });
            self.over.insert(link);
        }
        self.opened += 1;
        let (link, remote) = (Link(self.opened), NodeKey([key as u8; 32]));
        self.names.insert(name, link);
        let direction = if inbound { Direction::Inbound } else { Direction::Outbound };
        let address = Some(NetAddress::V4([1, 2, 3, 4], 5));
        self.handle(Input::Opened { link, direction, remote, address });
    }

    fn writable(&mut self, link: Link, bytes: usize) {
        *self.credit.entry(link).or_default() += bytes as u128;
        self.handle(Input::Writable { link, bytes });
    }

    fn call(&mut self, link: Link, call: Call) {
        let (peers, now) = (&mut self.peers, now(self.time));
        let transaction = |id| (id, TransactionBytes::truncated(vec![0; 10]));
        match call {
            Call::AskHeaders => peers.ask_headers(now, link, hashes(0..3)),
            Call::AnswerHeaders(count) => {
                peers.answer_headers(link, (0..count).map(entry).collect());
            }
            Call::AnswerBody(id, size) => {
                peers.answer_body(link, hash(id), BodyBytes::truncated(vec![0; size]));
            }
            Call::AnswerNoBody(id) => peers.answer_no_body(link, hash(id)),
            Call::Want(from, count) => peers.want(now, hashes(from..from + count)),
            Call::Announce(height) => peers.announce(&entry(height)),
            Call::Request(from, count) => {
                peers.request_transactions(now, link, hashes(from..from + count));
            }
            Call::Retry(id) => peers.retry_transaction(now, hash(id)),
            Call::AnnounceTransactions(from, count) => {
                peers.announce_transactions(now, hashes(from..from + count), Some(link));
            }
            Call::AnswerTransactions(from, count) => {
                let found = hashes(from..from + count).into_iter().map(transaction).collect();
                peers.answer_transactions(link, found);
            }
            Call::AskAddresses => peers.ask_addresses(now, link),
            Call::AnswerAddresses => peers.answer_addresses(link, vec![]),
            Call::Relay(key, expires) => {
                peers.relay(now, hash(key), Mono(expires), EngineMessage::default());
            }
            Call::Send => peers.send(link, EngineMessage::default()),
            Call::Worth(true) => peers.worth(link, Worth::Good),
            Call::Worth(false) => peers.worth(link, Worth::Bad("test".into())),
            Call::Hangup => peers.close(link, CloseReason::Local("test".into())),
        }
    }

    fn check(&mut self) {
        while let Some(output) = self.peers.poll() {
            self.output(output);
        }
        let open: BTreeSet<_> = self.peers.links().map(|info| info.link).collect();
        let ready = self.peers.links().filter(|info| info.ready).map(|info| info.link);
        assert_eq!(ready.collect::<BTreeSet<_>>(), self.ready, "ready and lost are told in pairs");
        assert!(open.is_disjoint(&self.over));
        assert!(open.len() <= self.limits.links);
        let ready: Vec<_> = self.peers.links().filter(|info| info.ready).collect();
        for (index, one) in ready.iter().enumerate() {
            let twice = ready[index + 1..].iter().filter(|other| other.remote == one.remote);
            let dialled = |info: &PeerInfo| info.direction == Direction::Outbound;
            let undecided = |other: &PeerInfo| dialled(one) && dialled(other);
            assert!(twice.clone().all(undecided), "a node has one link that it dialled");
        }
        assert!(self.peers.buffered() <= self.limits.buffered_bytes_max());
        // The calls that take no time happen in the past; the next tick sets that right.
        self.peers.handle(now(self.time), Input::Tick);
        while let Some(output) = self.peers.poll() {
            self.output(output);
        }
        if self.time < u64::MAX {
            assert!(self.peers.deadline().is_none_or(|deadline| deadline.0 > self.time));
        }
    }

    /// Whether a link was asked for something, or may be, once it takes more bytes.
    fn asks(&self, link: Link, id: &Hash) -> bool {
        let asked = self.asked.get(&link);
        asked.is_some_and(|asked| asked.windows(32).any(|part| part == id.as_bytes()))
            || self.credit.get(&link).is_none_or(|left| *left == 0)
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Send { link, bytes } => {
                assert!(!self.over.contains(&link) && !bytes.is_empty());
                let credit = self.credit.get_mut(&link).unwrap();
                *credit = credit.checked_sub(bytes.len() as u128).expect("within credit");
                self.asked.entry(link).or_default().extend(bytes);
            }
            Output::Close { link, why } => {
                assert!(self.over.insert(link), "closed once");
                if let CloseReason::Violation(Violation::Malformed(text)) = why {
                    assert!(!text.is_empty());
                }
            }
            Output::Ready { link, .. } => {
                assert!(!self.over.contains(&link));
                assert!(self.ready.insert(link));
            }
            Output::Lost { link } => assert!(self.ready.remove(&link)),
            Output::NoHolder { .. } => {}
            Output::Body { link, id, .. } => {
                assert!(self.asks(link, &id), "it was asked for");
                assert!(self.ready.contains(&link));
            }
            Output::Transactions { link, transactions } => {
                assert!(transactions.iter().all(|(id, _)| self.asks(link, id)), "all asked for");
                assert!(self.ready.contains(&link) && !transactions.is_empty());
            }
            Output::Headers { link, .. }
            | Output::LateHeaders { link }
            | Output::HeadersAsked { link, .. }
            | Output::BodyAsked { link, .. }
            | Output::Announced { link, .. }
            | Output::TransactionsAsked { link, .. }
            | Output::Addresses { link, .. }
            | Output::AddressesAsked { link }
            | Output::Engine { link, .. } => {
                assert!(self.ready.contains(&link), "only who is ready is heard");
            }
        }
    }
}

/// Found at random once: a stranger who has taken no byte yet sends what it would be asked for next.
#[test]
fn an_answer_may_come_before_its_question_is_sent() {
    let mut watch = Watch::new();
    for step in [
        Step::Call(0, Call::Want(5, 16)),
        Step::Open { link: 1, key: 0, inbound: false },
        Step::Say(1, Message::Hello(hello(1))),
        Step::Say(1, Message::Body { id: hash(5), bytes: BodyBytes::default() }),
    ] {
        watch.take(step);
    }
    assert!(watch.ready.contains(&watch.name(1)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_breaks_a_promise(steps in prop::collection::vec(step(), 1..120)) {
        let mut watch = Watch::new();
        for step in steps {
            watch.take(step);
        }
        // When all are gone and time has passed, nothing is held but for the wish and keys.
        for name in 0..LINKS {
            watch.take(Step::Close(name));
        }
        watch.peers.want(now(watch.time), vec![]);
        watch.take(Step::Pass(1_000_000));
        watch.take(Step::Call(0, Call::Relay(1_000, 0)));
        if watch.time < u64::MAX {
            prop_assert_eq!(watch.peers.buffered(), 0);
            prop_assert_eq!(watch.peers.deadline(), None);
        }
    }

    #[test]
    fn the_same_inputs_give_the_same_outputs(steps in prop::collection::vec(step(), 1..60)) {
        let run = |steps: &[Step]| {
            let mut watch = Watch::new();
            let mut trace = Vec::new();
            for step in steps {
                watch.take(step.clone());
                trace.push((watch.asked.clone(), watch.over.clone(), watch.peers.deadline()));
            }
            trace
        };
        prop_assert_eq!(run(&steps), run(&steps));
    }
}
