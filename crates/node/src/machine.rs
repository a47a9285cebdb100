use crate::ahead::Ahead;
use crate::arrivals::Arrivals;
use crate::dial::Book;
use crate::headers::Run;
use crate::jobs::{Jobs, Subject};
use crate::limits::{JOB_DEADLINE_MS, PASS_MS};
use crate::submissions::Submissions;
use crate::sync::Source;
use crate::waiting::Restored;
use crate::writes::Writes;
use crate::{Config, Input, Job, JobId, Output};
use alloc::{boxed::Box, collections::BTreeMap, collections::BTreeSet, collections::VecDeque};
use alloc::{string::String, vec::Vec};
use isonomy_chain::{Chain, Pool, Recovered, Transactions};
use isonomy_consensus::{self as consensus, Ask, Engine};
use isonomy_crypto::Hash;
use isonomy_ledger::Executed;
use isonomy_peer::{self as peer, Direction, Peers};
use isonomy_types::{Entry, Header, Link, Mono, Now, Wall};

/// A whole node. Opens nothing, reads no clock, draws no entropy, holds no key: what it needs is
/// given to it, what it wants done comes out of [`poll`](Self::poll).
pub struct Node {
    pub(crate) config: Config,
    pub(crate) chain: Chain,
    pub(crate) pool: Pool,
    pub(crate) engine: Box<dyn Engine>,
    pub(crate) peers: Peers,
    pub(crate) book: Book,
    pub(crate) now: Now,
    pub(crate) jobs: Jobs,
    pub(crate) writes: Writes,
    pub(crate) templates: BTreeMap<Ask, Template>,
    /// What the engine wants executed.
    pub(crate) wanted: Vec<Hash>,
    /// Bodies out of the log for which the chain has no room before their turn.
    pub(crate) restored: BTreeMap<Hash, Transactions>,
    /// Blocks whose execution is in flight.
    pub(crate) running: BTreeSet<Hash>,
    /// Header runs that wait for their link's turn.
    pub(crate) runs: BTreeMap<Link, VecDeque<Run>>,
    /// Whom headers are asked of.
    pub(crate) source: Source,
    /// Headers whose time has not come.
    pub(crate) early: BTreeMap<(Wall, Hash), (Link, Entry)>,
    /// Told to the engine once it is silent.
    pub(crate) facts: VecDeque<consensus::Input>,
    pub(crate) recheck: Recheck,
    pub(crate) submissions: Submissions,
    pub(crate) arrivals: Arrivals,
    pub(crate) ahead: Ahead,
    /// What waited before a restart and is not yet judged.
    pub(crate) waited: Restored,
    pub(crate) next_pass: Mono,
    pub(crate) reorgs: u64,
    /// Executions in a row that could not read the state.
    pub(crate) reads_failed: u32,
    pub(crate) halted: bool,
    pub(crate) out: VecDeque<Output>,
}

/// A block of our own that waits for its seal.
pub(crate) struct Template {
    pub(crate) header: Header,
    pub(crate) executed: Executed,
}

/// Whether the mempool is being compared with a new tip, and whether it must be once more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recheck {
    Idle,
    Running,
    Again,
}

impl Node {
    /// Goes on from what a store recovered: what the log holds above the flushed tip is executed
    /// again by the usual path. Needs the time, since an engine may act at once. A state that is not
    /// the one its block commits halts the node.
    #[must_use]
    pub fn new(now: Now, config: Config, engine: Box<dyn Engine>, recovered: Recovered) -> Self {
        let Recovered { tip, below, view, tree, log } = recovered;
        let (root, limit) = (tree.root(), tip.header.state_root);
        let (rules, modules) = (config.rules.clone(), config.modules.clone());
        let chain = Chain::new(rules, modules, config.genesis, tip, below, view, tree)
            .with_tree_forks(config.limits.tree_forks);
        let mut book = Book::new(config.seed);
        config.seeds.iter().for_each(|address| book.seed(*address));
        let mut node = Self {
            pool: Pool::new(config.pool),
            peers: Peers::new(now, Self::peer_config(&config)),
            config,
            chain,
            engine,
            book,
            now,
            jobs: Jobs::default(),
            writes: Writes::default(),
            templates: BTreeMap::new(),
            wanted: Vec::new(),
            restored: BTreeMap::new(),
            running: BTreeSet::new(),
            runs: BTreeMap::new(),
            source: Source::default(),
            early: BTreeMap::new(),
            facts: VecDeque::new(),
            recheck: Recheck::Idle,
            submissions: Submissions::default(),
            arrivals: Arrivals::default(),
            ahead: Ahead::default(),
            waited: Restored::default(),
            next_pass: now.mono,
            reorgs: 0,
            reads_failed: 0,
            halted: false,
            out: VecDeque::new(),
        };
        if root == limit {
            node.restore(log);
        } else {
            node.halt(alloc::format!(
                "the stored state is damaged: its root is {root}, its block commits {limit}; \
                 remove the data directory and sync again"
            ));
        }
        node
    }

    /// Takes one input. Infallible: a peer's fault is data, and leaves as an output.
    pub fn handle(&mut self, now: Now, input: Input) {
        self.now = Now { mono: self.now.mono.max(now.mono), wall: now.wall };
        if self.halted {
            return;
        }
        match input {
            Input::Opened { link, direction, remote, address } => {
                if let Some(dialled) = address.filter(|_| direction == Direction::Outbound) {
                    self.book.opened(dialled, link, direction, remote);
                }
                self.peer(peer::Input::Opened { link, direction, remote, address });
            }
            Input::Closed { link } => {
                self.peer(peer::Input::Closed { link });
                self.lost(link);
            }
            Input::DialFailed { address } => self.book.failed(self.now.mono, address),
            Input::Received { link, bytes } => self.peer(peer::Input::Received { link, bytes }),
            Input::Writable { link, bytes } => self.peer(peer::Input::Writable { link, bytes }),
            Input::Submit { request, transaction } => self.submit(request, transaction),
            Input::Restore { transactions } => self.restore_waiting(transactions),
            Input::Seeds { addresses } => self.book.seeds(&addresses),
            Input::Done(id, done) => self.done(id, *done),
            Input::Committed { ticket, view } => self.committed(ticket, view),
            Input::StoreFailed { why } => self.halt(alloc::format!("the store failed: {why}")),
            Input::Tick => {}
        }
        self.pass();
        self.pump();
        self.admit_arrivals();
        self.admit_waiting();
    }

    /// The next thing to do. Drain to `None` before the next [`handle`](Self::handle).
    pub fn poll(&mut self) -> Option<Output> {
        let output = self.out.pop_front()?;
        if matches!(output, Output::Halt { .. }) {
            self.out.clear();
        }
        Some(output)
    }

    /// When it next wants an [`Input::Tick`], at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        if self.halted {
            return None;
        }
        let ripe = self
            .early
            .keys()
            .next()
            .map(|(wall, _)| self.now.mono.plus(wall.0.saturating_sub(self.now.wall.0)));
        let own = [Some(self.next_pass), ripe, self.jobs.deadline(), self.arrivals.deadline()];
        own.into_iter().chain([self.engine.deadline(), self.peers.deadline()]).flatten().min()
    }

    /// The chain as this node knows it.
    #[must_use]
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The transactions that wait.
    #[must_use]
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The connections.
    #[must_use]
    pub const fn peers(&self) -> &Peers {
        &self.peers
    }

    /// How often best moved to another branch since this node was made.
    #[must_use]
    pub const fn reorgs(&self) -> u64 {
        self.reorgs
    }

    /// Whether it stopped for good; see [`Output::Halt`].
    #[must_use]
    pub const fn halted(&self) -> bool {
        self.halted
    }

    /// Moves what the inner machines want until all are silent.
    pub(crate) fn pump(&mut self) {
        while !self.halted {
            if let Some(output) = self.engine.poll() {
                self.engine_wants(output);
            } else if let Some(output) = self.peers.poll() {
                self.peers_report(output);
            } else if let Some(fact) = self.facts.pop_front() {
                self.engine.handle(self.now, fact);
            } else {
                break;
            }
        }
    }

    /// What is due by the clock, whichever input brought the time.
    fn pass(&mut self) {
        for (id, subject) in self.jobs.expired(self.now.mono) {
            self.out.push_back(Output::Cancel(id));
            self.failed(subject);
        }
        self.ripen();
        let due = |deadline: Option<Mono>| deadline.is_some_and(|at| at <= self.now.mono);
        let (engine, peers) = (due(self.engine.deadline()), due(self.peers.deadline()));
        if engine {
            self.facts.push_back(consensus::Input::Tick);
        }
        if peers {
            self.peer(peer::Input::Tick);
        }
        if self.now.mono >= self.next_pass {
            self.next_pass = self.now.mono.plus(PASS_MS);
            self.pool.expire(self.now.mono);
            self.dial();
            self.catch_up();
            self.advance();
        }
    }

    pub(crate) fn peer(&mut self, input: peer::Input) {
        self.peers.handle(self.now, input);
    }

    pub(crate) fn job(&mut self, subject: Subject, job: Job) -> JobId {
        let id = self.jobs.start(subject, self.now.mono.plus(JOB_DEADLINE_MS));
        self.out.push_back(Output::Job(id, job));
        id
    }

    pub(crate) fn halt(&mut self, why: String) {
        self.halted = true;
        self.out.push_back(Output::Halt { why });
    }
}
