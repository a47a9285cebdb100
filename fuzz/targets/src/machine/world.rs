use crate::chain::CHAIN;
use isonomy_chain::{Append, Archive, Flush};
use isonomy_crypto::{Hash, PublicKey, Signature};
use isonomy_ledger::View;
use isonomy_node::{Event, Input, JOBS_MAX, Job, JobId, Lent, Node, Output, Ticket};
use isonomy_peer::Limits;
use isonomy_sim::EPOCH_MS;
use isonomy_sim::work::Role;
use isonomy_store::{Memory, Store};
use isonomy_types::{Link, Mono, Now, Wall};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Later than all blocks of the scenery, so that none is waited for while clocks go right.
const START: Mono = Mono(10_000_000);
/// Links at a time.
pub(super) const SLOTS: usize = 4;
/// Outputs of one input, at most: far more than any needs, and far from endless.
const OUTPUTS_MAX: usize = 10_000;
/// Jobs in flight, at most: the owner's transactions may double what peers' take up, and as many
/// again are room for everything else.
const JOBS_HELD_MAX: usize = 3 * JOBS_MAX;
/// Ticks in a row that move neither the clock nor the deadline.
const IDLE_MAX: u32 = 10;

/// One end of a connection.
#[derive(Default)]
pub(super) struct Line {
    /// Bytes that it still takes.
    pub(super) credit: usize,
    /// Bytes sent to it that nobody has looked at.
    pub(super) heard: Vec<u8>,
}

/// A write that was asked for.
pub(super) struct Commit {
    ticket: Ticket,
    append: Vec<Append>,
    flush: Option<Box<Flush>>,
}

/// One node, its host, and whoever talks to it.
pub(crate) struct World {
    pub(crate) node: Node,
    pub(crate) store: Memory,
    pub(super) loan: Loan,
    mining: bool,
    pub(super) now: Mono,
    pub(super) jobs: VecDeque<(JobId, Job)>,
    pub(super) commits: VecDeque<Commit>,
    pub(super) slots: [Option<Link>; SLOTS],
    /// Those that stand.
    pub(super) lines: BTreeMap<Link, Line>,
    pub(super) opened: u64,
    last_job: Option<JobId>,
    last_ticket: Option<Ticket>,
}

impl World {
    /// A node on an empty store. A miner's engine has more to say.
    pub(crate) fn new(mining: bool) -> Self {
        Self::on(Memory::new(&CHAIN.coin.spec.genesis), START, mining)
    }

    fn on(mut store: Memory, now: Mono, mining: bool) -> Self {
        let producer = CHAIN.coin.wallets[0].address();
        let make = CHAIN.coin.maker(Role { mining, producer, ..Role::default() });
        let recovered = store.recover().expect("memory does not fail");
        let node = make(true_time(now), recovered, [5; 32]);
        let mut world = Self {
            node,
            loan: Loan(store.archive()),
            store,
            mining,
            now,
            jobs: VecDeque::new(),
            commits: VecDeque::new(),
            slots: [None; SLOTS],
            lines: BTreeMap::new(),
            opened: 0,
            last_job: None,
            last_ticket: None,
        };
        world.drain();
        world
    }

    /// All that was not durable is gone.
    pub(super) fn crash(&mut self) {
        let opened = self.opened;
        *self = Self::on(self.store.clone(), self.now, self.mining);
        self.opened = opened;
    }

    pub(super) fn input(&mut self, input: Input) {
        self.handle(true_time(self.now), input);
    }

    pub(super) fn handle(&mut self, now: Now, input: Input) {
        self.node.handle(now, input);
        self.drain();
        self.check();
    }

    fn drain(&mut self) {
        let mut halted = false;
        for _ in 0..OUTPUTS_MAX {
            let Some(output) = self.node.poll() else { return };
            assert!(!halted, "an output after the halt");
            halted = matches!(output, Output::Halt { .. });
            self.perform(output);
        }
        panic!("no end of outputs");
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Send { link, bytes } => {
                let line = self.lines.get_mut(&link).expect("nobody speaks to who is gone");
                line.credit = line.credit.checked_sub(bytes.len()).expect("more than the credit");
                line.heard.extend(bytes);
            }
            Output::Close { link, why } => {
                assert!(self.lines.remove(&link).is_some(), "closed twice: {why}");
            }
            Output::Job(id, job) => {
                assert!(self.last_job < Some(id), "names of jobs are used once");
                self.last_job = Some(id);
                self.jobs.push_back((id, job));
            }
            Output::Cancel(id) => self.jobs.retain(|(job, _)| *job != id),
            Output::Commit { ticket, append, flush } => {
                assert!(self.last_ticket < Some(ticket), "names of writes are used once");
                self.last_ticket = Some(ticket);
                self.commits.push_back(Commit { ticket, append, flush });
            }
            Output::Halt { why } => assert!(!why.is_empty() && self.node.halted()),
            Output::Event(Event::Condemned { why, .. }) => assert!(!why.is_empty()),
            Output::Dial { .. } | Output::Event(_) => {}
        }
    }

    /// What holds between any two inputs.
    fn check(&self) {
        assert!(self.jobs.len() <= JOBS_HELD_MAX, "{} jobs", self.jobs.len());
        assert_eq!(self.node.deadline().is_none(), self.node.halted(), "who lives wants a tick");
        let peers = self.node.peers();
        let limits = Limits { links: peers.links().count(), ..Limits::default() };
        let (held, limit) = (peers.buffered(), limits.buffered_bytes_max());
        assert!(held <= limit, "{held} bytes held for peers, limit {limit}");
    }

    /// Time passes, with a tick whenever the node wants one.
    pub(super) fn wait(&mut self, ms: u64) {
        let (end, mut idle) = (self.now.plus(ms), 0);
        while let Some(deadline) = self.node.deadline().filter(|deadline| *deadline <= end) {
            idle = if deadline <= self.now { idle + 1 } else { 0 };
            assert!(idle < IDLE_MAX || self.now == Mono(u64::MAX), "a deadline that does not move");
            if idle == IDLE_MAX {
                break;
            }
            self.now = self.now.max(deadline);
            self.input(Input::Tick);
        }
        self.now = end;
    }

    /// The oldest write is durable.
    pub(super) fn ack(&mut self) {
        let Some(Commit { ticket, append, flush }) = self.commits.pop_front() else { return };
        self.store.append(&append).expect("memory does not fail");
        let view = flush.map(|flush| self.store.flush(&flush).expect("flushes stand on the tip"));
        self.input(Input::Committed { ticket, view });
    }

    /// The n-th job that waits, counted round.
    pub(super) fn take(&mut self, n: usize) -> Option<(JobId, Job)> {
        let place = n % self.jobs.len().max(1);
        self.jobs.remove(place)
    }

    pub(super) fn run(&mut self, n: usize) {
        if let Some((id, job)) = self.take(n) {
            let done = job.run(&self.loan);
            self.input(Input::Done(id, Box::new(done)));
        }
    }

    pub(super) fn credit(&mut self, link: Link, bytes: usize) {
        if let Some(line) = self.lines.get_mut(&link) {
            line.credit = line.credit.saturating_add(bytes);
        }
        self.input(Input::Writable { link, bytes });
    }

    /// The state at the tip.
    pub(super) fn view(&self) -> Option<Arc<dyn View>> {
        self.node.chain().view(&self.node.chain().best().id)
    }

    /// The link in a slot; one that never stood if there is none.
    pub(super) fn link(&self, slot: u8) -> Link {
        self.slots[usize::from(slot) % SLOTS].unwrap_or(Link(u64::MAX))
    }
}

/// What the host lends: an archive, and no keys.
pub(super) struct Loan(Arc<dyn Archive>);

impl Lent for Loan {
    fn sign(&self, _: &PublicKey, _: &Hash) -> Option<Signature> {
        None
    }

    fn archive(&self) -> &dyn Archive {
        &*self.0
    }
}

/// Of a clock that goes right.
fn true_time(mono: Mono) -> Now {
    Now { mono, wall: Wall(EPOCH_MS.saturating_add(mono.0)) }
}
