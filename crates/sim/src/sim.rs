use crate::agenda::{Agenda, Due, Life};
use crate::check::Broken;
use crate::host::{self, Block, Host, Outsider, Settled};
use crate::job::{self, Verified};
use crate::network::{Network, Party};
use crate::settings::{EPOCH_MS, PORT};
use crate::trace::Trace;
use crate::written::Written;
use crate::{Action, ChainSpec, Dice, Mutant, Settings, Stats};
use isonomy_chain::Recovered;
use isonomy_crypto::{Hash, Secret};
use isonomy_node::{Input, Node, Request};
use isonomy_peer::{Direction, NetAddress};
use isonomy_store::Memory;
use isonomy_types::{Link, Mono, NodeKey, Now, Transaction, Wall};
use std::collections::{BTreeMap, BTreeSet};

/// Many hosts, the network between them, and what is going to happen.
///
/// A host is named by its index, in the order of [`add`](Self::add). A run that ends in a panic
/// prints its seed and the virtual time.
///
/// See the [crate's head](crate) for an example.
pub struct Sim {
    pub(crate) settings: Settings,
    pub(crate) spec: ChainSpec,
    pub(crate) agenda: Agenda,
    pub(crate) network: Network,
    pub(crate) hosts: Vec<Host>,
    pub(crate) outsiders: Vec<Outsider>,
    pub(crate) dice: Dice,
    pub(crate) trace: Trace,
    pub(crate) stats: Stats,
    pub(crate) mining: bool,
    /// When hash power went off, a split ended or a host started, whichever was last.
    pub(crate) eased: Mono,
    /// Every block that a host executed and wrote down.
    pub(crate) blocks: BTreeMap<Hash, Block>,
    /// What all hosts share of what they verified.
    verified: Option<Verified>,
    /// The first bound that a host went beyond.
    pub(crate) exceeded: Option<Broken>,
}

impl Sim {
    /// A run on one chain, without hosts.
    #[must_use]
    pub fn new(settings: Settings, spec: ChainSpec) -> Self {
        Self {
            agenda: Agenda::default(),
            network: Network::new(&settings),
            hosts: Vec::new(),
            outsiders: Vec::new(),
            dice: Dice::new(settings.seed, "sim"),
            trace: Trace::default(),
            stats: Stats::default(),
            mining: true,
            eased: Mono(0),
            blocks: BTreeMap::new(),
            verified: settings.shares_checks.then(job::verified),
            exceeded: None,
            settings,
            spec,
        }
    }

    /// Where the host with this index is called, whether it exists yet or not.
    #[must_use]
    pub fn address_of(host: usize) -> NetAddress {
        let [low, middle, high, ..] = host.to_le_bytes();
        NetAddress::V4([10, low, middle, high], PORT)
    }

    /// Adds a host on an empty store and starts it. `secrets` are the keys it signs with.
    pub fn add(
        &mut self,
        maker: impl Fn(Now, Recovered, [u8; 32]) -> Node + 'static,
        secrets: Vec<Secret>,
    ) -> usize {
        let index = self.place(maker, secrets);
        self.revive(index);
        index
    }

    /// Adds a host that is switched off: [`revive`](Self::revive) starts it, whenever it joins.
    pub fn place(
        &mut self,
        maker: impl Fn(Now, Recovered, [u8; 32]) -> Node + 'static,
        secrets: Vec<Secret>,
    ) -> usize {
        let index = self.hosts.len();
        let store = Memory::new(&self.spec.genesis);
        self.hosts.push(Host {
            maker: Box::new(maker),
            loan: host::loan(&store, secrets, self.verified.clone()),
            store,
            node: None,
            life: 0,
            key: NodeKey(self.dice.bytes()),
            address: Self::address_of(index),
            skew_ms: self.dice.between(0, self.settings.skew_ms),
            tick: None,
            jobs: BTreeMap::new(),
            requests: 0,
            events: Vec::new(),
            halted: None,
            settled: Settled::default(),
            durable: BTreeSet::new(),
            written: Written::new(&self.spec.genesis.tip),
            asked: BTreeMap::new(),
            full: false,
            writing: 0,
            mutant: None,
        });
        self.network.crash(index);
        index
    }

    /// The hosts, by index.
    #[must_use]
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// One host.
    ///
    /// # Panics
    /// If there is no such host.
    #[must_use]
    pub fn host(&self, host: usize) -> &Host {
        &self.hosts[host]
    }

    /// The machine of one host.
    ///
    /// # Panics
    /// If there is no such host, or it is down.
    #[must_use]
    #[allow(clippy::expect_used, reason = "who asks for a node must know that it is up")]
    pub fn node(&self, host: usize) -> &Node {
        self.hosts[host].node().expect("the host is up")
    }

    /// The virtual time since the beginning.
    #[must_use]
    pub const fn now(&self) -> Mono {
        self.agenda.now()
    }

    /// What happened so far, as counts.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let Stats { packets, lost, doubled, late, resent, swallowed, unread, .. } =
            self.network.stats;
        Stats { packets, lost, doubled, late, resent, swallowed, unread, ..self.stats }
    }

    /// How many different blocks were executed and written down anywhere, genesis aside.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// All that reached anyone, in order, as one hash. Two runs with the same seed and the same
    /// actions have the same.
    #[must_use]
    pub fn trace_hash(&self) -> Hash {
        self.trace.hash()
    }

    /// Does `action` in `ms`.
    pub fn at(&mut self, ms: u64, action: Action) {
        self.agenda.after(ms, Due::Act(action));
    }

    /// The first host calls the second.
    pub fn connect(&mut self, a: usize, b: usize) {
        if self.hosts.get(a).is_some_and(|host| host.node.is_some()) {
            self.call(self.life(a), Self::address_of(b));
        }
    }

    /// Splits the network. Hosts that no side names are on one more side.
    pub fn split(&mut self, sides: &[Vec<usize>]) {
        self.network.split(sides);
    }

    /// Ends a split. What was sent meanwhile and not given up arrives.
    pub fn heal(&mut self) {
        self.network.heal();
        self.eased = self.now();
    }

    /// The second host no longer hears the first, which hears the second still.
    pub fn mute(&mut self, from: usize, to: usize) {
        self.network.mute(from, to);
    }

    /// Ends what [`mute`](Self::mute) began.
    pub fn unmute(&mut self, from: usize, to: usize) {
        self.network.unmute(from, to);
    }

    /// Whether a host reads what is sent to it. One that does not goes on sending.
    pub fn read(&mut self, host: usize, reads: bool) {
        self.network.read(Party::Host(host), reads);
    }

    /// Whether a host's disk is full: then every write fails, and its node halts at the first.
    pub fn fill_disk(&mut self, host: usize, full: bool) {
        if let Some(host) = self.hosts.get_mut(host) {
            host.full = full;
        }
    }

    /// Makes a host break a promise from now on, to show that a check sees it.
    pub fn mutate(&mut self, host: usize, mutant: Mutant) {
        let now = self.now();
        if let Some(host) = self.hosts.get_mut(host) {
            host.mutant = Some((mutant, now));
        }
    }

    /// Ends a host's life: jobs, links and all that its node knew are gone. What its store
    /// acknowledged stays. Of the writes under way, the first few may have reached the medium,
    /// though nobody was told. Does nothing to a host that is down.
    pub fn crash(&mut self, host: usize) {
        self.cut_writes(host);
        let Some(of) = self.hosts.get_mut(host).filter(|host| host.node.is_some()) else { return };
        (of.node, of.halted, of.tick) = (None, None, None);
        of.life = of.life.saturating_add(1);
        of.jobs.clear();
        of.asked.clear();
        of.writing = 0;
        self.network.crash(host);
        Stats::count(&mut self.stats.crashes);
    }

    /// Starts a host that is down, on what its store kept.
    pub fn revive(&mut self, host: usize) {
        if self.hosts.get(host).is_some_and(|host| host.node.is_none()) {
            self.network.revive(host);
            self.eased = self.now();
            self.start(host);
        }
    }

    /// Hands a transaction to a host. The answer comes as
    /// [`Event::Submitted`](isonomy_node::Event::Submitted). `None` if the host is down.
    pub fn submit(&mut self, host: usize, transaction: Transaction) -> Option<Request> {
        let of = self.hosts.get_mut(host).filter(|host| host.node.is_some())?;
        of.requests = of.requests.saturating_add(1);
        let request = Request(of.requests);
        of.asked.insert(request, self.agenda.now());
        let transaction = Box::new(transaction);
        self.later(self.life(host), 0, Input::Submit { request, transaction });
        Some(request)
    }

    /// Switches all hash power off, so that a chain of work comes to rest.
    pub const fn stop_mining(&mut self) {
        (self.mining, self.eased) = (false, self.agenda.now());
    }

    /// Links a new outsider to a host. It can say anything with [`inject`](Self::inject). Nobody
    /// answers at a host that is down.
    pub fn intrude(&mut self, host: usize) -> usize {
        let index = self.outsiders.len();
        let open = self.hosts.get(host).is_some_and(|host| host.node.is_some());
        if !open {
            self.outsiders.push(Outsider { host, link: Link(0), heard: Vec::new(), open });
            return index;
        }
        let (link, far, _) = self.network.connect(Party::Outsider(index), Party::Host(host));
        self.outsiders.push(Outsider { host, link, heard: Vec::new(), open });
        let [low, high, ..] = index.to_le_bytes();
        let address = Some(NetAddress::V4([172, 16, low, high], PORT));
        let remote = NodeKey(self.dice.bytes());
        self.opened(self.life(host), 0, (far, Direction::Inbound, remote, address));
        index
    }

    /// An outsider sends these bytes.
    pub fn inject(&mut self, outsider: usize, bytes: &[u8]) {
        if let Some(Outsider { link, .. }) = self.outsiders.get(outsider) {
            self.network.send(&mut self.agenda, *link, bytes);
        }
    }

    /// Whether an outsider reads what is sent to it.
    pub fn heed(&mut self, outsider: usize, reads: bool) {
        self.network.read(Party::Outsider(outsider), reads);
    }

    /// One outsider.
    ///
    /// # Panics
    /// If there is no such outsider.
    #[must_use]
    pub fn outsider(&self, outsider: usize) -> &Outsider {
        &self.outsiders[outsider]
    }

    /// Runs until `done`, at most `ms` milliseconds. Whether `done` came true.
    pub fn run_until(&mut self, ms: u64, done: impl Fn(&Self) -> bool) -> bool {
        let limit = self.now().plus(ms);
        loop {
            if done(self) {
                return true;
            }
            if !self.step(limit) {
                return false;
            }
        }
    }

    /// Runs for `ms` milliseconds.
    pub fn run_for(&mut self, ms: u64) {
        let limit = self.now().plus(ms);
        while self.step(limit) {}
    }

    pub(crate) fn life(&self, host: usize) -> Life {
        Life { host, number: self.hosts.get(host).map_or(0, |host| host.life) }
    }

    /// What a host is told about time.
    pub(crate) fn clock(&self, host: usize) -> Now {
        let skew_ms = self.hosts.get(host).map_or(0, |host| host.skew_ms);
        let mutant = self.hosts.get(host).and_then(|host| host.mutant);
        let mono = match mutant {
            Some((Mutant::Hangs, since)) => since,
            _ => self.agenda.now(),
        };
        Now { mono, wall: Wall(EPOCH_MS.saturating_add(mono.0).saturating_add(skew_ms)) }
    }
}

impl Drop for Sim {
    #[allow(clippy::print_stderr, reason = "a failed run must say how to repeat it")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("simulation: seed {} at {} ms", self.settings.seed, self.now().0);
        }
    }
}
