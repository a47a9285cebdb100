//! One node, and what it wants and has said.
use super::{EPOCH_MS, Made};
use super::{Kind, Medium, Script, Setup, kind, words};
use isonomy_chain::{Append, Flush};
use isonomy_consensus::{Ask, Output as Want};
use isonomy_crypto::Hash;
use isonomy_node::*;
use isonomy_peer::{CloseReason, NetAddress};
use isonomy_types::*;
use std::collections::{BTreeMap, VecDeque};

/// Outputs of one input, at most: many times what any test needs, and far from endless.
const OUTPUTS_MAX: usize = 10_000;
/// When the tests begin: later than any block made by hand.
pub const START_MS: u64 = EPOCH_MS + 10_000_000;

/// A write that was asked for.
pub struct Commit {
    pub ticket: Ticket,
    pub append: Vec<Append>,
    pub flush: Option<Box<Flush>>,
}

/// One node, and what it wants and has said.
pub struct World {
    pub setup: Setup,
    pub node: Node,
    pub now: Now,
    pub medium: Medium,
    /// Wait to be run.
    pub jobs: VecDeque<(JobId, Job)>,
    /// Wait to be durable.
    pub commits: VecDeque<Commit>,
    pub cancelled: Vec<JobId>,
    pub dials: Vec<NetAddress>,
    pub closed: Vec<(Link, CloseReason)>,
    pub events: Vec<Event>,
    pub halt: Option<String>,
    /// Everything, in words.
    pub trace: Vec<String>,
    /// Bytes sent and not yet taken.
    pub streams: BTreeMap<Link, Vec<u8>>,
    /// Bytes that each link still takes.
    pub credit: BTreeMap<Link, usize>,
    requests: u64,
}

impl World {
    pub fn new(setup: Setup) -> Self {
        let medium = Medium::on(&setup.first);
        let now = Now { mono: Mono(1_000), wall: Wall(START_MS) };
        Self::on(setup, medium, now)
    }

    /// A node that starts on what a medium holds.
    pub fn on(setup: Setup, medium: Medium, now: Now) -> Self {
        let node = Node::new(now, setup.config(), setup.engine(), medium.recover());
        let mut world = Self {
            setup,
            node,
            now,
            medium,
            jobs: VecDeque::new(),
            commits: VecDeque::new(),
            cancelled: Vec::new(),
            dials: Vec::new(),
            closed: Vec::new(),
            events: Vec::new(),
            halt: None,
            trace: Vec::new(),
            streams: BTreeMap::new(),
            credit: BTreeMap::new(),
            requests: 0,
        };
        world.drain();
        world
    }

    /// The machine is gone; what was durable is not.
    pub fn crash(self) -> Self {
        Self::on(self.setup, self.medium, self.now)
    }

    pub fn input(&mut self, input: Input) {
        self.node.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        for _ in 0..OUTPUTS_MAX {
            let Some(output) = self.node.poll() else { return };
            assert_eq!(self.halt, None, "{} after the halt", words::words(&output));
            self.trace.push(words::words(&output));
            self.perform(output);
        }
        panic!("no end of outputs: {:?}", self.trace.last());
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Send { link, bytes } => {
                let credit = self.credit.get_mut(&link).unwrap();
                *credit = credit.checked_sub(bytes.len()).expect("more than the credit");
                self.streams.entry(link).or_default().extend(bytes);
            }
            Output::Close { link, why } => self.closed.push((link, why)),
            Output::Dial { address } => self.dials.push(address),
            Output::Job(id, job) => self.jobs.push_back((id, job)),
            Output::Cancel(id) => self.cancelled.push(id),
            Output::Commit { ticket, append, flush } => {
                self.commits.push_back(Commit { ticket, append, flush });
            }
            Output::Halt { why } => self.halt = Some(why),
            Output::Event(event) => self.events.push(event),
        }
    }

    // Time.

    /// Time passes. Nothing happens but ticks, each when the node wants one.
    pub fn wait(&mut self, ms: u64) {
        let end = self.now.mono.plus(ms);
        let mut idle = 0;
        while let Some(deadline) = self.node.deadline().filter(|deadline| *deadline <= end) {
            idle = if deadline <= self.now.mono { idle + 1 } else { 0 };
            assert!(idle < 10, "a deadline that does not move");
            self.turn_clock(deadline.since(self.now.mono));
            self.input(Input::Tick);
        }
        self.turn_clock(end.since(self.now.mono));
    }

    pub fn turn_clock(&mut self, ms: u64) {
        let Now { mono, wall } = self.now;
        self.now = Now { mono: mono.plus(ms), wall: Wall(wall.0.saturating_add(ms)) };
    }

    pub fn tick(&mut self) {
        self.input(Input::Tick);
    }

    // Jobs.

    pub fn kinds(&self) -> Vec<Kind> {
        self.jobs.iter().map(|(_, job)| kind(job)).collect()
    }

    /// The oldest job of a kind, which then is this test's to answer.
    pub fn take(&mut self, of: Kind) -> (JobId, Job) {
        let place = self.jobs.iter().position(|(_, job)| kind(job) == of);
        let place = place.unwrap_or_else(|| panic!("no {of:?} among {:?}", self.kinds()));
        self.jobs.remove(place).unwrap()
    }

    /// Carries a job out and keeps its answer back.
    pub fn work(&mut self, of: Kind) -> (JobId, Done) {
        let (id, job) = self.take(of);
        (id, job.run(&self.medium))
    }

    pub fn done(&mut self, id: JobId, done: Done) {
        self.input(Input::Done(id, Box::new(done)));
    }

    pub fn run(&mut self, of: Kind) {
        let (id, done) = self.work(of);
        self.done(id, done);
    }

    /// Everything that was asked for is done, oldest first, until nothing but searches is left.
    pub fn settle(&mut self) {
        for _ in 0..OUTPUTS_MAX {
            let next = self.jobs.iter().position(|(_, job)| kind(job) != Kind::Mine);
            if let Some(place) = next {
                let (id, job) = self.jobs.remove(place).unwrap();
                let done = job.run(&self.medium);
                self.done(id, done);
            } else if !self.commits.is_empty() {
                self.ack();
            } else {
                return;
            }
        }
        panic!("no end of jobs");
    }

    /// An engine moved by hand proposes, seals and adopts a block on best.
    pub fn grow(&mut self, script: &Script, ask: u64) -> Hash {
        script.want(Want::Propose { ask: Ask(ask), parent: self.best() });
        self.tick();
        self.run(Kind::Template);
        script.want(Want::Seal { ask: Ask(ask), seal: Blob::truncated(vec![1]) });
        self.tick();
        self.settle();
        let id = *self.medium.logged().last().unwrap();
        script.want(Want::Best(id));
        self.tick();
        id
    }

    /// Searches until a block is found, and lets it settle.
    pub fn mine(&mut self) -> Hash {
        let before = self.height();
        while self.height() == before {
            self.settle();
            if self.height() == before {
                self.run(Kind::Mine);
            }
        }
        self.settle();
        self.best()
    }

    // Writes.

    /// The oldest write is durable.
    pub fn ack(&mut self) {
        let Commit { ticket, append, flush } = self.commits.pop_front().unwrap();
        self.medium.append(append);
        let view = flush.map(|flush| self.medium.flush(&flush));
        self.input(Input::Committed { ticket, view });
    }

    pub fn medium_body(&self, id: Hash) -> Body {
        isonomy_chain::Archive::body(&self.medium, &id).unwrap().unwrap()
    }

    // The owner.

    pub fn submit(&mut self, transaction: Transaction) -> Request {
        self.requests += 1;
        let request = Request(self.requests);
        self.input(Input::Submit { request, transaction: Box::new(transaction) });
        request
    }

    /// Submits, and tells what became of it.
    pub fn offer(&mut self, transaction: Transaction) -> Result<Hash, SubmitError> {
        let request = self.submit(transaction);
        self.settle();
        let mut answers = self.answers(request);
        assert_eq!(answers.len(), 1);
        answers.remove(0)
    }

    pub fn answers(&self, of: Request) -> Vec<Result<Hash, SubmitError>> {
        let answer = |event: &Event| match event {
            Event::Submitted { request, result } if *request == of => Some(result.clone()),
            _ => None,
        };
        self.events.iter().filter_map(answer).collect()
    }

    // What the node knows.

    pub fn best(&self) -> Hash {
        self.node.chain().best().id
    }

    pub fn height(&self) -> u64 {
        self.node.chain().best().height
    }

    pub fn pooled(&self) -> Vec<Hash> {
        self.node.pool().ids()
    }

    pub fn state_root(&self) -> Hash {
        self.node.chain().header(&self.best()).unwrap().state_root
    }
}
