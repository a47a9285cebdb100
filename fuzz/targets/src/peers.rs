//! The peer protocol's frames: any bytes in any cuts.
use crate::chain::{CHAIN, genesis_id};
use isonomy_crypto::Hash;
use isonomy_peer::{
    Config, Direction, Hello, Input, Limits, Message, NetAddress, Output, PROTOCOL_VERSION, Peers,
    TransactionBytes,
};
use isonomy_types::{
    Blob, Decode, Encode, Link, List, Mono, NodeKey, Now, Text, Transaction, Wall,
};

const LINK: Link = Link(1);
const NOW: Now = Now { mono: Mono(1_000), wall: Wall(1_000) };
/// Bytes before the stream: each is the length of a piece, and they come round again.
const CUTS: usize = 8;
/// Outputs of one piece at most: each takes a byte of the stream, and a few come of a close.
const OUTPUTS_MAX: usize = 64;
/// What a stranger may cost before its hello (attack 59).
const STRANGER_BYTES_MAX: usize = 1_024;
/// What one byte of the stream may cost: an id of 32 bytes is followed in several tables.
const COST_MAX: usize = 32;
/// What the first bytes may cost beyond that: queues that grow in steps.
const FIRST_COST_MAX: usize = 16_384;

/// After hands are shaken.
pub fn frame(data: &[u8]) {
    compare(data, true);
}

/// From the first byte on.
pub fn hello(data: &[u8]) {
    compare(data, false);
}

/// However a stream is cut, the same comes of it.
fn compare(data: &[u8], ready: bool) {
    let Some((cuts, stream)) = data.split_first_chunk::<CUTS>() else { return };
    let mut whole = Ear::new(ready);
    whole.hear(stream);
    let mut pieces = Ear::new(ready);
    let (mut rest, mut cuts) = (stream, cuts.iter().cycle());
    while let (Some(cut), false) = (cuts.next(), rest.is_empty()) {
        // One byte more, so that the stream ends.
        let (piece, later) = rest.split_at((usize::from(*cut) + 1).min(rest.len()));
        pieces.hear(piece);
        rest = later;
    }
    assert_eq!(whole.sent, pieces.sent, "what is sent");
    assert_eq!(whole.said, pieces.said, "what is said");
    if !ready && whole.said.iter().any(|output| matches!(output, Output::Ready { .. })) {
        assert_hello(stream);
    }
}

/// Hands are shaken with whoever says a hello of this chain, and with nobody else.
fn assert_hello(stream: &[u8]) {
    let (length, rest) = stream.split_first_chunk().expect("a hello has a length");
    let first = &rest[..u32::from_le_bytes(*length) as usize];
    let Ok(Message::Hello(hello)) = Message::decode_exact(first) else { panic!("not a hello") };
    assert_eq!((hello.version, hello.genesis), (PROTOCOL_VERSION, genesis_id()));
}

/// One machine with one link, and what came of it.
struct Ear {
    peers: Peers,
    sent: Vec<u8>,
    said: Vec<Output>,
    heard: usize,
    /// Bytes held before anything was heard.
    base: usize,
}

impl Ear {
    fn new(ready: bool) -> Self {
        let config = Config {
            genesis: genesis_id(),
            nonce: 1,
            seed: [3; 32],
            listening: Some(4_000),
            limits: Limits::default(),
        };
        let peers = Peers::new(NOW, config);
        let mut ear = Self { peers, sent: Vec::new(), said: Vec::new(), heard: 0, base: 0 };
        let address = Some(NetAddress::V4([192, 0, 2, 1], 4_000));
        let (direction, remote) = (Direction::Inbound, NodeKey([9; 32]));
        ear.handle(Input::Opened { link: LINK, direction, remote, address });
        ear.handle(Input::Writable { link: LINK, bytes: 1 << 30 });
        if ready {
            ear.handle(Input::Received { link: LINK, bytes: greeting().to_frame() });
            ear.ask();
        }
        ear.base = ear.peers.buffered();
        ear
    }

    /// Asks for everything there is, so that answers are heard too.
    fn ask(&mut self) {
        let peers = &mut self.peers;
        peers.ask_headers(NOW, LINK, vec![genesis_id()]);
        peers.ask_addresses(NOW, LINK);
        peers.want(NOW, CHAIN.branches[0].iter().map(|made| made.id()).collect());
        let ids = CHAIN.transactions.iter().map(|transaction| transaction.intent().id());
        let ids: Vec<Hash> = ids.collect();
        let known = Message::Announce { ids: List::truncated(ids.clone()) };
        self.handle(Input::Received { link: LINK, bytes: known.to_frame() });
        self.peers.request_transactions(NOW, LINK, ids);
        self.drain();
        assert!(self.said.iter().any(|output| matches!(output, Output::Ready { .. })));
    }

    fn handle(&mut self, input: Input) {
        self.peers.handle(NOW, input);
        self.drain();
    }

    /// The number of outputs.
    fn drain(&mut self) -> usize {
        let mut count = 0;
        while let Some(output) = self.peers.poll() {
            count += 1;
            let late = self.is_over() && !matches!(output, Output::NoHolder { .. });
            assert!(!late, "{output:?} after the end");
            match output {
                Output::Send { bytes, .. } => self.sent.extend(bytes),
                other => self.said.push(other),
            }
        }
        count
    }

    fn is_over(&self) -> bool {
        self.said.iter().any(|output| matches!(output, Output::Lost { .. }))
    }

    fn hear(&mut self, piece: &[u8]) {
        self.heard += piece.len();
        self.peers.handle(NOW, Input::Received { link: LINK, bytes: piece.to_vec() });
        let outputs = self.drain();
        assert!(outputs <= OUTPUTS_MAX + piece.len(), "{outputs} outputs of {} bytes", piece.len());
        let (held, peer) = (self.peers.buffered(), self.peers.info(LINK));
        let room = match peer {
            Some(info) if !info.ready => STRANGER_BYTES_MAX,
            _ => FIRST_COST_MAX + COST_MAX * self.heard,
        };
        assert!(held <= self.base + room, "{held} bytes held, {} before", self.base);
        let deadline = self.peers.deadline();
        assert!(deadline.is_none_or(|deadline| deadline > NOW.mono), "due at once: {deadline:?}");
    }
}

fn greeting() -> Message {
    Message::Hello(Hello {
        version: PROTOCOL_VERSION,
        genesis: genesis_id(),
        nonce: 2,
        height: 7,
        listening: Some(4_001),
        agent: Text::default(),
    })
}

/// Messages that a peer may say, whether or not anybody asked.
pub(crate) fn messages() -> Vec<Message> {
    let mut messages = vec![
        greeting(),
        Message::Ping { nonce: 7 },
        Message::Pong { nonce: 7 },
        Message::GetAddresses,
        Message::Addresses { addresses: List::truncated(vec![NetAddress::V6([32; 16], 1); 3]) },
        Message::GetHeaders { locator: List::truncated(vec![Hash::ZERO, genesis_id()]) },
        Message::NoBody { id: CHAIN.branches[0][1].id() },
        Message::Engine { message: Blob::truncated(vec![1, 2, 3]) },
    ];
    for branch in &CHAIN.branches {
        let entries: Vec<_> = branch.iter().map(|made| made.entry.clone()).collect();
        messages.push(Message::NewHeaders { entries: List::truncated(entries.clone()) });
        messages.push(Message::Headers { entries: List::truncated(entries) });
        for made in [&branch[0], &branch[branch.len() - 1]] {
            let (id, bytes) = (made.id(), Blob::truncated(made.body.encode()));
            messages.extend([Message::GetBody { id }, Message::Body { id, bytes }]);
        }
    }
    let item = |one: &Transaction| -> (Hash, TransactionBytes) {
        (one.intent().id(), Blob::truncated(one.encode()))
    };
    let items: Vec<_> = CHAIN.transactions.iter().map(item).collect();
    let ids: Vec<Hash> = items.iter().map(|(id, _)| *id).collect();
    messages.extend([
        Message::Announce { ids: List::truncated(ids.clone()) },
        Message::GetTransactions { ids: List::truncated(ids) },
        Message::Transactions { items: List::truncated(items) },
    ]);
    messages
}

/// Each message alone, and a talk of all of them.
pub(crate) fn streams() -> Vec<Vec<u8>> {
    let frames: Vec<_> = messages().iter().map(Message::to_frame).collect();
    let talk = frames[1..].concat();
    frames
        .into_iter()
        .chain([talk])
        .map(|frame| [vec![3, 200, 0, 40, 1, 90, 7, 255], frame].concat())
        .collect()
}

/// Hellos, good and bad, with something after them.
pub(crate) fn hellos() -> Vec<Vec<u8>> {
    let ping = Message::Ping { nonce: 7 }.to_frame();
    let Message::Hello(good) = greeting() else { return Vec::new() };
    let ours = Hello { nonce: 1, ..good.clone() };
    let foreign = Hello { genesis: Hash::ZERO, ..good.clone() };
    let older = Hello { version: 0, ..good.clone() };
    let agent = Text::try_from("x".repeat(64)).unwrap_or_default();
    let long = Hello { agent, ..good.clone() };
    let hellos = [good, ours, foreign, older, long].map(|hello| Message::Hello(hello).to_frame());
    hellos.map(|hello| [vec![0, 5, 255, 17, 2, 90, 7, 40], hello, ping.clone()].concat()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::{CUTS, Ear, streams};
    use isonomy_peer::Output;
    use std::collections::BTreeSet;

    /// The first word of what a machine says of it.
    fn kind(output: &Output) -> String {
        format!("{output:?}").split([' ', '{']).next().unwrap_or_default().to_owned()
    }

    /// Every kind of message is heard and handed up by some sample.
    #[test]
    fn samples_go_deep() {
        let mut kinds = BTreeSet::new();
        for stream in streams() {
            let mut ear = Ear::new(true);
            ear.hear(&stream[CUTS..]);
            kinds.extend(ear.said.iter().map(kind));
        }
        for wanted in [
            "Close",
            "Headers",
            "HeadersAsked",
            "Body",
            "BodyAsked",
            "Announced",
            "Transactions",
            "TransactionsAsked",
            "Addresses",
            "AddressesAsked",
            "Engine",
            "NoHolder",
            "Lost",
        ] {
            assert!(kinds.contains(wanted), "no {wanted} in {kinds:?}");
        }
    }
}
