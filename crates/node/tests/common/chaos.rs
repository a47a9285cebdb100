//! Anything that can happen to a node, in any order.
use super::*;
use isonomy_crypto::Hash;
use isonomy_node::{Done, Input, JobId, Ticket};
use isonomy_peer::{Direction, Message, TRANSACTIONS_ASKED_MAX};
use isonomy_types::*;
use proptest::prelude::*;
use std::sync::LazyLock;

/// One thing that happens. Numbers choose among what there is.
#[derive(Clone, Debug)]
pub enum Move {
    Open {
        link: u64,
        outbound: bool,
        address: u8,
    },
    /// Opens a link and shakes hands.
    Meet {
        link: u64,
    },
    Close {
        link: u64,
    },
    DialFailed {
        address: u8,
    },
    Bytes {
        link: u64,
        bytes: Vec<u8>,
    },
    /// A real message, whole or cut, with one bit turned or not.
    Say {
        link: u64,
        message: usize,
        cut: Option<usize>,
        flip: Option<usize>,
    },
    /// Answers what the node asked.
    Serve {
        link: u64,
    },
    Writable {
        link: u64,
        bytes: usize,
    },
    Submit {
        transaction: usize,
    },
    Run {
        job: usize,
    },
    Lose {
        job: usize,
    },
    WrongAnswer {
        job: usize,
    },
    NoJob {
        id: u64,
    },
    Ack,
    WrongAck {
        ticket: u64,
    },
    Tick,
    Wait {
        ms: u64,
    },
    Clock {
        mono: u64,
        wall: u64,
    },
    StoreFailed,
}

/// Up to so many.
pub fn moves(limit: usize) -> impl Strategy<Value = Vec<Move>> {
    prop::collection::vec(any_move(), 1..limit)
}

fn any_move() -> impl Strategy<Value = Move> {
    let link = || 1..4_u64;
    // Mostly small steps: at the end of time nothing can happen any more.
    let mono = prop_oneof![30 => Just(0), 10 => 0..1_000_000_u64, 1 => Just(u64::MAX)];
    let ends = prop_oneof![Just(0), Just(EPOCH_MS), Just(u64::MAX), any::<u64>()];
    let wall = prop_oneof![6 => START_MS..START_MS + 100_000, 1 => ends];
    let place = || 1..6_u8;
    let some = || prop::option::weighted(0.1, any::<usize>());
    let bytes = prop::collection::vec(any::<u8>(), 0..60);
    prop_oneof![
        2 => (link(), any::<bool>(), place())
            .prop_map(|(link, outbound, address)| Move::Open { link, outbound, address }),
        6 => link().prop_map(|link| Move::Meet { link }),
        1 => link().prop_map(|link| Move::Close { link }),
        1 => place().prop_map(|address| Move::DialFailed { address }),
        1 => (link(), bytes).prop_map(|(link, bytes)| Move::Bytes { link, bytes }),
        10 => (link(), any::<usize>(), some(), some())
            .prop_map(|(link, message, cut, flip)| Move::Say { link, message, cut, flip }),
        25 => link().prop_map(|link| Move::Serve { link }),
        1 => (link(), prop_oneof![0..100_usize, Just(usize::MAX)])
            .prop_map(|(link, bytes)| Move::Writable { link, bytes }),
        3 => any::<usize>().prop_map(|transaction| Move::Submit { transaction }),
        45 => any::<usize>().prop_map(|job| Move::Run { job }),
        2 => any::<usize>().prop_map(|job| Move::Lose { job }),
        1 => any::<usize>().prop_map(|job| Move::WrongAnswer { job }),
        1 => prop_oneof![0..30_u64, any::<u64>()].prop_map(|id| Move::NoJob { id }),
        20 => Just(Move::Ack),
        1 => prop_oneof![0..30_u64, any::<u64>()].prop_map(|ticket| Move::WrongAck { ticket }),
        2 => Just(Move::Tick),
        4 => (0..40_000_u64).prop_map(|ms| Move::Wait { ms }),
        1 => (mono, wall).prop_map(|(mono, wall)| Move::Clock { mono, wall }),
        1 => prop::bool::weighted(0.05)
            .prop_map(|fails| if fails { Move::StoreFailed } else { Move::Tick }),
    ]
}

/// Branches, of which one ends badly, and transactions, of which some are bad.
struct Scenery {
    branches: [Vec<Made>; 3],
    transactions: Vec<Transaction>,
    messages: Vec<Message>,
}

static SCENERY: LazyLock<Scenery> = LazyLock::new(|| {
    let mut forge = Forge::new();
    let transactions = vec![
        Tx::by(0, 0).send(1, 5).make(),
        Tx::by(0, 1).send(1, 5).make(),
        Tx::by(1, 0).send(1, RICHES * 2).make(),
        Tx::by(1, 0).send(1, 5).price(7).make(),
        Tx::by(2, 0).hand_over_to(5).make(),
        Tx::by(2, 0).signed_by(5).make(),
        Tx::by(3, 0).for_chain(Hash::ZERO).make(),
        Tx::by(PEOPLE, 0).make(),
    ];
    let light = forge.run(chain_id(), 3, 9);
    let mut heavy = vec![forge.block(chain_id(), 4, transactions[..1].to_vec())];
    heavy.extend(forge.run(heavy[0].id(), 4, 9));
    let bad = forge.bad_block(light[1].id(), 5, transactions[..2].to_vec());
    let on_bad = forge.bad_block(bad.id(), 5, Vec::new());
    let early = forge.block_at(light[8].id(), 3, Wall(START_MS + 30_000), Vec::new());
    let never = forge.block_at(light[8].id(), 6, Wall(u64::MAX), Vec::new());
    let late = vec![early, never];
    let bad = [&light[..2], &[bad, on_bad]].concat();
    let mut messages = Vec::new();
    for run in [&light[..8], &light[8..], &heavy[..8], &heavy[8..], &bad[2..], &late] {
        let entries: Vec<Entry> = run.iter().map(|made| made.entry.clone()).collect();
        let last = List::truncated(entries[entries.len() - 1..].to_vec());
        let (id, bytes) = (run[0].id(), Blob::truncated(run[0].body.encode()));
        messages.extend([
            Message::NewHeaders { entries: List::truncated(entries.clone()) },
            Message::NewHeaders { entries: last },
            Message::Headers { entries: List::truncated(entries) },
            Message::GetBody { id },
            Message::Body { id, bytes },
        ]);
    }
    for transaction in &transactions {
        let id = transaction.intent().id();
        let items = vec![(id, Blob::truncated(transaction.encode()))];
        messages.push(Message::Announce { ids: List::truncated(vec![id; 3]) });
        messages.push(Message::GetTransactions { ids: List::truncated(vec![id]) });
        messages.push(Message::Transactions { items: List::truncated(items) });
    }
    messages.extend([
        hello(1, u64::MAX),
        Message::Ping { nonce: 7 },
        Message::Pong { nonce: 7 },
        Message::GetAddresses,
        Message::Addresses { addresses: List::truncated((0..9).map(place).collect()) },
        Message::GetHeaders { locator: List::truncated(vec![Hash::ZERO, chain_id()]) },
        Message::GetHeaders { locator: List::default() },
        Message::NoBody { id: Hash::ZERO },
        Message::GetTransactions { ids: List::truncated(vec![Hash::ZERO; TRANSACTIONS_ASKED_MAX]) },
        Message::Engine { message: Blob::truncated(vec![1, 2, 3]) },
    ]);
    Scenery { branches: [light, heavy, bad], transactions, messages }
});

/// The first two are good.
pub fn branches() -> &'static [Vec<Made>; 3] {
    &SCENERY.branches
}

impl World {
    pub fn make(&mut self, what: Move) {
        if self.halt.is_some() {
            // Inputs may come all the same. The harness insists that nothing follows.
            self.input(Input::Tick);
        }
        match what {
            Move::Open { link, outbound, address } => {
                let direction = if outbound { Direction::Outbound } else { Direction::Inbound };
                let key = NodeKey([address; 32]);
                self.open(Link(link), direction, key, Some(place(address)));
            }
            Move::Meet { link } => {
                let key = NodeKey([link as u8; 32]);
                self.open(Link(link), Direction::Inbound, key, None);
                self.say(Link(link), hello(link, 5));
            }
            Move::Close { link } => self.close(Link(link)),
            Move::DialFailed { address } => {
                self.input(Input::DialFailed { address: place(address) });
            }
            Move::Bytes { link, bytes } => self.input(Input::Received { link: Link(link), bytes }),
            Move::Say { link, message, cut, flip } => self.mumble(Link(link), message, cut, flip),
            Move::Serve { link } => self.attend(Link(link)),
            Move::Writable { link, bytes } => {
                let credit = self.credit.entry(Link(link)).or_default();
                *credit = credit.saturating_add(bytes);
                self.input(Input::Writable { link: Link(link), bytes });
            }
            Move::Submit { transaction } => {
                let some = &SCENERY.transactions;
                self.submit(some[transaction % some.len()].clone());
            }
            Move::Ack if !self.commits.is_empty() => self.ack(),
            Move::Ack | Move::Tick => self.tick(),
            Move::WrongAck { ticket } => self.wrong_ack(Ticket(ticket)),
            Move::Wait { ms } if self.now.mono.0 < u64::MAX / 2 => self.wait(ms),
            Move::Wait { .. } => self.tick(),
            Move::Clock { mono, wall } => {
                self.now = Now { mono: self.now.mono.max(Mono(mono)), wall: Wall(wall) };
                self.tick();
            }
            Move::StoreFailed => self.input(Input::StoreFailed { why: "gone".into() }),
            Move::Run { .. }
            | Move::Lose { .. }
            | Move::WrongAnswer { .. }
            | Move::NoJob { .. } => {
                self.work_on(what);
            }
        }
    }

    fn work_on(&mut self, what: Move) {
        let many = self.jobs.len().max(1);
        let nothing = || Box::new(Done::Mined(None));
        match what {
            Move::Run { job } => {
                if let Some((id, job)) = self.jobs.remove(job % many) {
                    let done = job.run(&self.medium);
                    self.done(id, done);
                }
            }
            Move::Lose { job } => drop(self.jobs.remove(job % many)),
            Move::WrongAnswer { job } => {
                if let Some((id, _)) = self.jobs.remove(job % many) {
                    self.input(Input::Done(id, nothing()));
                }
            }
            Move::NoJob { id } if self.jobs.iter().all(|(job, _)| *job != JobId(id)) => {
                self.input(Input::Done(JobId(id), nothing()));
            }
            _ => {}
        }
    }

    /// Of a write that was not asked for, or not of a flush.
    fn wrong_ack(&mut self, ticket: Ticket) {
        let open = self.commits.iter().any(|commit| commit.ticket == ticket);
        let view = self.node.chain().view(&self.best());
        if !open {
            self.input(Input::Committed { ticket, view });
        }
    }

    fn mumble(&mut self, link: Link, message: usize, cut: Option<usize>, flip: Option<usize>) {
        let messages = &SCENERY.messages;
        let mut bytes = messages[message % messages.len()].to_frame();
        if let Some(flip) = flip {
            let place = flip / 8 % bytes.len();
            bytes[place] ^= 1 << (flip % 8);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut % bytes.len());
        }
        self.input(Input::Received { link, bytes });
    }

    /// As a peer would that has one of the branches.
    fn attend(&mut self, link: Link) {
        let blocks = &SCENERY.branches[link.0 as usize % 3];
        for message in self.heard(link) {
            if let Some(answer) = answer(&message, blocks, &SCENERY.transactions) {
                self.say(link, answer);
            }
        }
    }
}
