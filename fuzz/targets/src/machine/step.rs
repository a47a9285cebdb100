use super::World;
use super::world::{Line, SLOTS};
use crate::chain::CHAIN;
use crate::peers::messages;
use arbitrary::Arbitrary;
use isonomy_node::{Done, Input, JobId, Request, Ticket};
use isonomy_peer::{Direction, Message, NetAddress};
use isonomy_types::{Link, Mono, NodeKey, Now, Wall};
use std::sync::LazyLock;

/// One thing that happens. Numbers choose among what there is.
#[derive(Arbitrary, Clone, Debug)]
pub(crate) enum Step {
    Open {
        slot: u8,
        outbound: bool,
        place: u8,
        credit: u16,
    },
    /// Opens a link and shakes hands.
    Meet {
        slot: u8,
        nonce: u64,
        height: u64,
    },
    Close {
        slot: u8,
    },
    DialFailed {
        place: u8,
    },
    Bytes {
        slot: u8,
        bytes: Vec<u8>,
    },
    /// A real message, whole or cut, with one bit turned or not.
    Say {
        slot: u8,
        message: u8,
        cut: Option<u16>,
        flip: Option<u16>,
    },
    /// Answers what the node asked, as a peer does that has one of the branches.
    Serve {
        slot: u8,
        branch: u8,
    },
    Writable {
        slot: u8,
        bytes: u32,
    },
    Submit {
        transaction: u8,
        request: u64,
    },
    /// What waited before a restart.
    Restore {
        count: u8,
    },
    Run {
        job: u8,
    },
    Lose {
        job: u8,
    },
    /// The answer to one job is given to another.
    Swap {
        job: u8,
        other: u8,
    },
    /// An answer of the wrong kind.
    Garbage {
        job: u8,
        kind: u8,
    },
    NoJob {
        id: u8,
    },
    Ack,
    WrongAck {
        ticket: u8,
    },
    Wait {
        ms: u16,
    },
    /// A wall clock that is wrong for a moment, and a leap of the other.
    Clock {
        leap: u8,
        wall: u64,
    },
    /// Honest peers, a quick disk and quick workers for a while.
    Live {
        branch: u8,
        rounds: u8,
    },
    /// The process dies, and starts on what was durable.
    Crash,
    /// One time in 32 the store gives up, or time comes to its end.
    End {
        sure: u8,
        store: bool,
    },
}

static MESSAGES: LazyLock<Vec<Message>> = LazyLock::new(messages);

/// Bits of the longest leap in milliseconds: some hours, as when a laptop wakes up.
const LEAP_BITS: u8 = 24;

impl World {
    pub(crate) fn make(&mut self, step: Step) {
        match step {
            Step::Open { slot, outbound, place, credit } => {
                let direction = if outbound { Direction::Outbound } else { Direction::Inbound };
                self.open(slot, direction, place, credit.into());
            }
            Step::Meet { slot, nonce, height } => self.meet(slot, nonce, height),
            Step::Close { slot } => self.close(slot),
            Step::DialFailed { place } => self.input(Input::DialFailed { address: at(place) }),
            Step::Bytes { slot, bytes } => {
                let link = self.link(slot);
                self.input(Input::Received { link, bytes });
            }
            Step::Say { slot, message, cut, flip } => self.say(slot, message, cut, flip),
            Step::Serve { slot, branch } => self.serve(self.link(slot), branch.into()),
            Step::Writable { slot, bytes } => {
                let (link, bytes) = (self.link(slot), bytes as usize);
                if let Some(line) = self.lines.get_mut(&link) {
                    line.credit = line.credit.saturating_add(bytes);
                }
                self.input(Input::Writable { link, bytes });
            }
            Step::Submit { transaction, request } => self.submit(transaction, request),
            Step::Restore { count } => {
                let transactions = CHAIN.transactions.iter().take(count.into()).cloned().collect();
                self.input(Input::Restore { transactions });
            }
            Step::Wait { ms } => self.wait(ms.into()),
            Step::Clock { leap, wall } => {
                self.now = self.now.plus(1 << (leap % LEAP_BITS));
                self.handle(Now { mono: self.now, wall: Wall(wall) }, Input::Tick);
            }
            Step::Live { branch, rounds } => self.live(branch.into(), rounds % 8),
            Step::Crash => self.crash(),
            Step::End { sure: 0..8, store: true } => {
                self.input(Input::StoreFailed { why: "gone".into() });
            }
            Step::End { sure: 0..8, store: false } => {
                self.now = Mono(u64::MAX);
                self.input(Input::Tick);
            }
            Step::End { .. } => self.input(Input::Tick),
            other => self.host(&other),
        }
    }

    /// What the host does with jobs and writes.
    fn host(&mut self, step: &Step) {
        match *step {
            Step::Run { job } => self.run(job.into()),
            Step::Lose { job } => drop(self.take(job.into())),
            Step::Swap { job, other } => {
                let (Some((_, job)), Some((id, _))) =
                    (self.take(job.into()), self.take(other.into()))
                else {
                    return;
                };
                let done = job.run(&self.loan);
                self.input(Input::Done(id, Box::new(done)));
            }
            Step::Garbage { job, kind } => {
                if let Some((id, _)) = self.take(job.into()) {
                    self.input(Input::Done(id, Box::new(garbage(kind))));
                }
            }
            Step::NoJob { id } => {
                let id = JobId(u64::MAX - u64::from(id));
                self.input(Input::Done(id, Box::new(garbage(0))));
            }
            Step::Ack => self.ack(),
            Step::WrongAck { ticket } => {
                let (ticket, view) = (Ticket(u64::MAX - u64::from(ticket)), self.view());
                self.input(Input::Committed { ticket, view });
            }
            _ => {}
        }
    }

    /// The carrier's report may cross a hanging-up.
    fn close(&mut self, slot: u8) {
        let link = self.link(slot);
        self.input(Input::Closed { link });
        self.lines.remove(&link);
    }

    fn open(&mut self, slot: u8, direction: Direction, place: u8, credit: usize) -> Link {
        self.close(slot);
        self.opened += 1;
        let link = Link(self.opened);
        self.slots[usize::from(slot) % SLOTS] = Some(link);
        self.lines.insert(link, Line::default());
        let (remote, address) = (NodeKey([place % 8; 32]), Some(at(place)));
        self.input(Input::Opened { link, direction, remote, address });
        self.credit(link, credit);
        link
    }

    fn meet(&mut self, slot: u8, nonce: u64, height: u64) {
        let link = self.open(slot, Direction::Inbound, slot, 1 << 30);
        let Some(Message::Hello(mut hello)) = MESSAGES.first().cloned() else { return };
        (hello.nonce, hello.height) = (nonce, height);
        let bytes = Message::Hello(hello).to_frame();
        self.input(Input::Received { link, bytes });
    }

    fn say(&mut self, slot: u8, message: u8, cut: Option<u16>, flip: Option<u16>) {
        let mut bytes = MESSAGES[usize::from(message) % MESSAGES.len()].to_frame();
        if let Some(flip) = flip.map(usize::from) {
            let place = flip / 8 % bytes.len();
            bytes[place] ^= 1 << (flip % 8);
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| usize::from(cut) % bytes.len()));
        let link = self.link(slot);
        self.input(Input::Received { link, bytes });
    }

    fn submit(&mut self, transaction: u8, request: u64) {
        let some = &CHAIN.transactions;
        let transaction = some[usize::from(transaction) % some.len()].clone();
        let transaction = Box::new(transaction);
        self.input(Input::Submit { request: Request(request), transaction });
    }
}

fn garbage(kind: u8) -> Done {
    match kind % 5 {
        0 => Done::Mined(Some(7)),
        1 => Done::Verified(true),
        2 => Done::Admitted(Vec::new()),
        3 => Done::ReadHeaders(Ok(CHAIN.branches[0].iter().map(|one| one.entry.clone()).collect())),
        _ => Done::ReadBody(Ok(Some(CHAIN.branches[0][1].body.clone()))),
    }
}

fn at(place: u8) -> NetAddress {
    NetAddress::V4([10, 0, 0, place % 8], 4_000)
}
