//! Peers played by hand.
use super::{Kind, Made, World, chain_id};
use isonomy_crypto::Hash;
use isonomy_node::Input;
use isonomy_peer::{Direction, Hello, Message, NetAddress, PROTOCOL_VERSION};
use isonomy_types::*;

/// Headers that a peer played by hand gives at a time.
pub const ANSWER_ENTRIES: usize = 10;
/// Credit given to each link.
const WINDOW_BYTES: usize = 1 << 30;
/// Rounds of talk until something is wrong.
const ROUNDS_MAX: usize = 10_000;

impl World {
    /// A stranger called and shook hands; what the node asked of it is answered with nothing.
    pub fn peer(&mut self, n: u64) -> Link {
        let link = self.open(Link(n), Direction::Inbound, NodeKey([n as u8; 32]), None);
        self.say(link, hello(n, 0));
        self.serve(link, &[], &[]);
        link
    }

    pub fn open(
        &mut self,
        link: Link,
        direction: Direction,
        remote: NodeKey,
        address: Option<NetAddress>,
    ) -> Link {
        self.input(Input::Opened { link, direction, remote, address });
        self.credit.insert(link, WINDOW_BYTES);
        self.input(Input::Writable { link, bytes: WINDOW_BYTES });
        link
    }

    pub fn say(&mut self, link: Link, message: Message) {
        self.input(Input::Received { link, bytes: message.to_frame() });
    }

    pub fn close(&mut self, link: Link) {
        self.input(Input::Closed { link });
    }

    /// The whole messages that the node has sent since the last time.
    pub fn heard(&mut self, link: Link) -> Vec<Message> {
        let mut stream = self.streams.remove(&link).unwrap_or_default();
        let mut messages = Vec::new();
        while let Some((length, rest)) = stream.split_first_chunk::<4>()
            && let Some((content, rest)) =
                rest.split_at_checked(u32::from_le_bytes(*length) as usize)
        {
            messages.push(Message::decode_exact(content).unwrap());
            stream = rest.to_vec();
        }
        assert_eq!(stream, Vec::<u8>::new(), "half a message");
        messages
    }

    pub fn show(&mut self, link: Link, made: &[Made]) {
        let entries: Vec<_> = made.iter().map(|made| made.entry.clone()).collect();
        self.say(link, Message::NewHeaders { entries: entries.try_into().unwrap() });
    }

    /// Answers every open question of the node's as an honest peer does whose chain, from genesis,
    /// is `blocks`. Returns what it said besides.
    pub fn serve(
        &mut self,
        link: Link,
        blocks: &[Made],
        transactions: &[Transaction],
    ) -> Vec<Message> {
        let mut rest = Vec::new();
        loop {
            let heard = self.heard(link);
            if heard.is_empty() {
                return rest;
            }
            for message in heard {
                match answer(&message, blocks, transactions) {
                    Some(answer) => self.say(link, answer),
                    None => rest.push(message),
                }
            }
        }
    }

    /// Serves and settles until all is quiet.
    pub fn sync(&mut self, link: Link, blocks: &[Made]) {
        for _ in 0..ROUNDS_MAX {
            self.serve(link, blocks, &[]);
            if self.commits.is_empty() && self.kinds().iter().all(|kind| *kind == Kind::Mine) {
                return;
            }
            self.settle();
        }
        panic!("no end of syncing");
    }

    /// Best becomes this block, which a peer shows that nobody knew.
    pub fn connect(&mut self, made: &Made) {
        let link = self.peer(900 + made.height());
        self.show(link, std::slice::from_ref(made));
        self.sync(link, std::slice::from_ref(made));
        assert_eq!(self.best(), made.id());
    }

    /// Time passes, and everything is done that comes up, with the help of an honest peer.
    pub fn live(&mut self, ms: u64, link: Link, blocks: &[Made]) {
        for _ in 0..ms.div_ceil(1_000) {
            self.wait(1_000);
            self.sync(link, blocks);
        }
    }

    /// As it stands in this chain.
    pub fn made(&self, id: Hash) -> Made {
        let chain = self.node.chain();
        Made { entry: chain.entry(&id).unwrap(), body: chain.body(&id).unwrap() }
    }

    pub fn why_closed(&self, link: Link) -> Option<String> {
        self.closed.iter().find(|(of, _)| *of == link).map(|(_, why)| why.to_string())
    }
}

pub fn hello(nonce: u64, height: u64) -> Message {
    let (version, agent) = (PROTOCOL_VERSION, Text::default());
    let genesis = chain_id();
    Message::Hello(Hello { version, genesis, nonce, height, listening: None, agent })
}

pub fn answer(message: &Message, blocks: &[Made], transactions: &[Transaction]) -> Option<Message> {
    Some(match message {
        Message::Ping { nonce } => Message::Pong { nonce: *nonce },
        Message::GetAddresses => Message::Addresses { addresses: List::default() },
        Message::GetHeaders { locator } => {
            let place = |id: &Hash| blocks.iter().position(|made| made.id() == *id);
            let after = locator.iter().find_map(place).map_or(0, |place| place + 1);
            let after = blocks[after..].iter().take(ANSWER_ENTRIES);
            let entries = after.map(|made| made.entry.clone()).collect();
            Message::Headers { entries: List::truncated(entries) }
        }
        Message::GetBody { id } => match blocks.iter().find(|made| made.id() == *id) {
            Some(made) => Message::Body { id: *id, bytes: Blob::truncated(made.body.encode()) },
            None => Message::NoBody { id: *id },
        },
        Message::GetTransactions { ids } => {
            let asked = transactions.iter().filter(|tx| ids.contains(&tx.intent().id()));
            let item = |tx: &Transaction| (tx.intent().id(), Blob::truncated(tx.encode()));
            Message::Transactions { items: List::truncated(asked.map(item).collect()) }
        }
        _ => return None,
    })
}

/// An address told apart by a number.
pub fn place(n: u8) -> NetAddress {
    NetAddress::V4([10, 0, 0, n], 4_000)
}
