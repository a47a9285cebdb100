//! Peers that answer.
use super::World;
use super::world::SLOTS;
use crate::chain::{CHAIN, Made};
use isonomy_crypto::Hash;
use isonomy_node::Input;
use isonomy_peer::Message;
use isonomy_types::{Blob, Decode, Encode, Link, List, Transaction};

/// Jobs that a quick host runs in one round; a miner never runs out of them.
const ROUND_JOBS_MAX: usize = 64;

impl World {
    /// Answers every whole message that the node has sent.
    pub(super) fn serve(&mut self, link: Link, branch: usize) {
        let blocks = &CHAIN.branches[branch % CHAIN.branches.len()];
        for message in self.heard(link) {
            if let Some(answer) = answer(&message, blocks) {
                self.input(Input::Received { link, bytes: answer.to_frame() });
            }
        }
    }

    fn heard(&mut self, link: Link) -> Vec<Message> {
        let Some(line) = self.lines.get_mut(&link) else { return Vec::new() };
        let mut messages = Vec::new();
        while let Some((length, rest)) = line.heard.split_first_chunk()
            && let Some((frame, rest)) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)
        {
            messages.push(Message::decode_exact(frame).expect("nodes say messages"));
            line.heard = rest.to_vec();
        }
        messages
    }

    pub(super) fn live(&mut self, branch: usize, rounds: u8) {
        for _ in 0..=rounds {
            (0..SLOTS).for_each(|slot| self.serve(self.link(slot as u8), branch));
            for _ in 0..ROUND_JOBS_MAX {
                self.run(0);
            }
            while !self.commits.is_empty() {
                self.ack();
            }
            self.wait(200);
        }
    }

    /// A node that has learnt the heavier branch from a peer.
    pub(crate) fn synced() -> Self {
        let mut world = Self::new(false);
        let branch = &CHAIN.branches[1];
        let meet = super::Step::Meet { slot: 0, nonce: 9, height: branch.len() as u64 };
        world.make(meet);
        for _ in 0..branch.len() {
            world.live(1, 7);
        }
        let best = world.node.chain().best();
        assert_eq!(best.height, branch.len() as u64, "an honest peer's chain is learnt");
        world
    }
}

fn answer(message: &Message, blocks: &[Made]) -> Option<Message> {
    Some(match message {
        Message::Ping { nonce } => Message::Pong { nonce: *nonce },
        Message::GetAddresses => Message::Addresses { addresses: List::default() },
        Message::GetHeaders { locator } => {
            let place = |id: &Hash| blocks.iter().position(|made| made.id() == *id);
            let after = locator.iter().find_map(place).map_or(0, |place| place + 1);
            let entries = blocks[after..].iter().map(|made| made.entry.clone()).collect();
            Message::Headers { entries: List::truncated(entries) }
        }
        Message::GetBody { id } => match blocks.iter().find(|made| made.id() == *id) {
            Some(made) => Message::Body { id: *id, bytes: Blob::truncated(made.body.encode()) },
            None => Message::NoBody { id: *id },
        },
        Message::GetTransactions { ids } => {
            let asked = CHAIN.transactions.iter().filter(|one| ids.contains(&one.intent().id()));
            let item = |one: &Transaction| (one.intent().id(), Blob::truncated(one.encode()));
            Message::Transactions { items: List::truncated(asked.map(item).collect()) }
        }
        _ => return None,
    })
}
