//! The loop around the machines.
use crate::agenda::{Due, Life, Write};
use crate::check::{self, OUTPUTS_MAX};
use crate::host::{Block, Host};
use crate::job;
use crate::network::{Packet, Party, Report};
use crate::settings::{DIAL_TIMEOUT_MS, RESEND_MS, WINDOW_BYTES};
use crate::{Mutant, Sim, Stats};
use isonomy_node::{Done, Event, Input, Job, JobId, Output};
use isonomy_peer::{Direction, NetAddress};
use isonomy_store::Store;
use isonomy_types::{Link, Mono, NodeKey};

/// How often the answer to a cancelled job comes all the same.
const UNWANTED_PERMILLE: u64 = 500;
/// How often a write that a crash cuts off has reached the medium …
const SURVIVES_PERMILLE: u64 = 400;
/// … and how often without its flush.
const UNFLUSHED_PERMILLE: u64 = 500;
/// Inputs between two looks at what a node holds.
const SAMPLE_INPUTS: u64 = 61;
/// The least port of whoever calls.
const CALLER_PORT: u16 = 50_000;

impl Sim {
    /// Does what is due next, if that is before `limit`.
    pub(crate) fn step(&mut self, limit: Mono) -> bool {
        let Some(due) = self.agenda.next(limit) else { return false };
        match due {
            Due::Input(life, input) => self.input(life, *input),
            Due::Tick(life) => self.tick(life),
            Due::Write(life, write) => self.write(life, &write),
            Due::Call(life, address) => self.called(life, address),
            Due::Packet(packet) => self.packet(packet),
            Due::Resend { link, seq, waited_ms } => {
                self.network.resend(&mut self.agenda, link, seq, waited_ms);
            }
            Due::Act(action) => self.act(action),
        }
        true
    }

    /// A host's node begins, or goes on from what was kept.
    pub(crate) fn start(&mut self, index: usize) {
        let (now, seed) = (self.clock(index), self.dice.bytes());
        let Some(host) = self.hosts.get_mut(index) else { return };
        match host.store.recover() {
            Ok(recovered) => {
                if let Err(lost) = host.written.recovered(&recovered) {
                    host.settled.lost.get_or_insert(lost);
                }
                host.node = Some((host.maker)(now, recovered, seed));
            }
            Err(failed) => host.halted = Some(failed.why),
        }
        self.drain(index);
    }

    pub(crate) fn later(&mut self, life: Life, ms: u64, input: Input) {
        self.agenda.after(ms, Due::Input(life, Box::new(input)));
    }

    fn is_alive(&mut self, life: Life) -> bool {
        let alive = self.life(life.host) == life
            && self.hosts.get(life.host).is_some_and(|host| host.node.is_some());
        if !alive {
            Stats::count(&mut self.stats.forgotten);
        }
        alive
    }

    fn input(&mut self, life: Life, input: Input) {
        if !self.is_alive(life) {
            return;
        }
        let (now, host) = (self.clock(life.host), life.host);
        self.trace.input(now.mono, host, &input);
        if let Input::Done(id, _) = &input {
            self.hosts[host].jobs.remove(id);
        }
        if let Some(node) = &mut self.hosts[host].node {
            node.handle(now, input);
        }
        let outputs = self.drain(host);
        Stats::count(&mut self.stats.inputs);
        self.stats.outputs_max = self.stats.outputs_max.max(outputs);
        if self.exceeded.is_none() && (outputs > OUTPUTS_MAX || self.is_sampled()) {
            self.exceeded = check::measure(self, host, outputs).err();
        }
    }

    const fn is_sampled(&self) -> bool {
        self.stats.inputs.is_multiple_of(SAMPLE_INPUTS)
    }

    fn tick(&mut self, life: Life) {
        let now = self.now();
        let Some(host) = self.hosts.get_mut(life.host) else { return };
        if host.life == life.number && host.tick == Some(now) {
            host.tick = None;
            self.input(life, Input::Tick);
        }
    }

    fn write(&mut self, life: Life, write: &Write) {
        if self.is_alive(life) {
            Stats::count(&mut self.stats.writes);
            self.hosts[life.host].writing = self.hosts[life.host].writing.saturating_sub(1);
            let input = self.hosts[life.host].write(write, true);
            if matches!(input, Input::Committed { .. }) {
                self.keep(life.host, write);
            }
            self.input(life, input);
        }
    }

    /// The blocks of a write have reached a medium.
    fn keep(&mut self, host: usize, write: &Write) {
        for (header, body) in Host::blocks(&write.append) {
            let id = header.id();
            self.hosts[host].durable.insert(id);
            let block = || Block { header: header.clone(), body: body.clone() };
            self.blocks.entry(id).or_insert_with(block);
        }
    }

    /// A crash in the midst of writing: some of it, from the front, is on the medium.
    pub(crate) fn cut_writes(&mut self, host: usize) {
        let writes = self.agenda.take_writes(self.life(host));
        self.stats.cut = self.stats.cut.saturating_add(writes.len() as u64);
        for mut write in writes {
            if !self.dice.chance(SURVIVES_PERMILLE) {
                return;
            }
            if self.dice.chance(UNFLUSHED_PERMILLE) {
                write.flush = None;
            }
            if matches!(self.hosts[host].write(&write, false), Input::Committed { .. }) {
                Stats::count(&mut self.stats.survived);
                self.keep(host, &write);
            }
        }
    }

    fn packet(&mut self, packet: Packet) {
        let to = packet.to;
        let Some(report) = self.network.arrive(&mut self.agenda, packet) else { return };
        match to.party {
            Party::Host(host) => self.input(self.life(host), report.input(to.link)),
            Party::Outsider(index) => self.outsider_hears(index, report),
        }
    }

    fn outsider_hears(&mut self, index: usize, report: Report) {
        let Some(outsider) = self.outsiders.get_mut(index) else { return };
        let (what, bytes) = match report {
            Report::Received(bytes) => ("received", bytes),
            Report::Writable(_) => return,
            Report::Closed => {
                outsider.open = false;
                ("closed", Vec::new())
            }
        };
        self.trace.note(self.agenda.now(), Party::Outsider(index), what, &[&bytes]);
        outsider.heard.extend(bytes);
    }

    /// Carries out what a node wants, then sees to its next tick. How much that was.
    pub(crate) fn drain(&mut self, index: usize) -> usize {
        let mut outputs = 0_usize;
        while let Some(output) = self.hosts[index].node.as_mut().and_then(|node| node.poll()) {
            outputs = outputs.saturating_add(1);
            self.perform(index, output);
        }
        let next = self.now().plus(1);
        let host = &mut self.hosts[index];
        let deadline = host.node.as_ref().and_then(|node| node.deadline());
        let Some(at) = deadline.map(|at| at.max(next)) else { return outputs };
        if host.tick.is_none_or(|tick| at < tick) {
            host.tick = Some(at);
            self.agenda.after(at.since(self.agenda.now()), Due::Tick(self.life(index)));
        }
        outputs
    }

    fn perform(&mut self, index: usize, output: Output) {
        let life = self.life(index);
        match output {
            Output::Send { link, mut bytes } => {
                self.garble(index, &mut bytes);
                self.network.send(&mut self.agenda, link, &bytes);
            }
            Output::Close { .. } if self.is_mutant(index, Mutant::Clings) => {}
            Output::Close { link, .. } => self.network.close(&mut self.agenda, link),
            Output::Dial { address } => self.call(life, address),
            Output::Job(id, job) => self.job(life, id, job),
            Output::Cancel(id) => self.cancel(index, id),
            Output::Commit { ticket, append, flush } => {
                let write = Write { ticket, append, flush };
                self.hosts[index].writing = self.hosts[index].writing.saturating_add(1);
                self.agenda.after(self.settings.sync_ms, Due::Write(life, write));
            }
            Output::Halt { why } => self.hosts[index].halted = Some(why),
            Output::Event(event) => self.event(index, event),
        }
    }

    fn job(&mut self, life: Life, id: JobId, job: Job) {
        Stats::count(&mut self.stats.jobs);
        let price_ms = (self.settings.price)(&job);
        let lost = matches!(job, Job::Admit(_)) && self.is_mutant(life.host, Mutant::Hangs);
        let host = &mut self.hosts[life.host];
        let (mut done, tries): (Done, u64) = job::run(job, &host.loan, self.mining);
        if let Some((mutant, _)) = host.mutant {
            mutant.twist(&mut done);
        }
        if lost {
            return;
        }
        let jitter_ms = self.dice.between(0, self.settings.jitter_ms);
        let ms = price_ms + tries.saturating_mul(self.settings.hash_ms) + jitter_ms;
        let input = Box::new(Input::Done(id, Box::new(done)));
        host.jobs.insert(id, self.agenda.after(ms, Due::Input(life, input)));
    }

    fn cancel(&mut self, index: usize, id: JobId) {
        let Some(slot) = self.hosts[index].jobs.remove(&id) else { return };
        if self.dice.chance(UNWANTED_PERMILLE) {
            Stats::count(&mut self.stats.unwanted);
        } else if self.agenda.cancel(slot) {
            Stats::count(&mut self.stats.cancelled);
        }
    }

    fn event(&mut self, index: usize, event: Event) {
        if let Event::Best { left, .. } = event
            && left > 0
        {
            Stats::count(&mut self.stats.reorganisations);
            self.stats.deepest = self.stats.deepest.max(left as u64);
        }
        self.hosts[index].note(self.agenda.now(), event);
    }

    /// The first packet of a call is on its way.
    pub(crate) fn call(&mut self, life: Life, address: NetAddress) {
        let lost = self.network.is_call_lost();
        let again_ms = if lost { RESEND_MS } else { 0 };
        let ms = self.network.latency_ms().saturating_add(again_ms);
        self.agenda.after(ms, Due::Call(life, address));
    }

    fn called(&mut self, life: Life, address: NetAddress) {
        if !self.is_alive(life) {
            return;
        }
        let index = self.hosts.iter().position(|host| host.address == address);
        let (from, failed) = (Party::Host(life.host), Input::DialFailed { address });
        let Some(index) = index else {
            let ms = self.network.latency_ms();
            return self.later(life, ms, failed);
        };
        if !self.network.is_open(from, Party::Host(index)) {
            Stats::count(&mut self.stats.unanswered);
            return self.later(life, DIAL_TIMEOUT_MS, failed);
        }
        let (link, far, back_ms) = self.network.connect(from, Party::Host(index));
        Stats::count(&mut self.stats.links);
        let port = CALLER_PORT.saturating_add(u16::try_from(link.0 % 10_000).unwrap_or_default());
        let caller = (self.hosts[life.host].key, self.hosts[life.host].address.with_port(port));
        let callee = self.hosts[index].key;
        self.opened(life, back_ms, (link, Direction::Outbound, callee, Some(address)));
        self.opened(self.life(index), 0, (far, Direction::Inbound, caller.0, Some(caller.1)));
    }

    pub(crate) fn opened(
        &mut self,
        life: Life,
        ms: u64,
        (link, direction, remote, address): (Link, Direction, NodeKey, Option<NetAddress>),
    ) {
        self.later(life, ms, Input::Opened { link, direction, remote, address });
        self.later(life, ms, Input::Writable { link, bytes: WINDOW_BYTES });
    }
}

impl Report {
    fn input(self, link: Link) -> Input {
        match self {
            Self::Received(bytes) => Input::Received { link, bytes },
            Self::Writable(bytes) => Input::Writable { link, bytes },
            Self::Closed => Input::Closed { link },
        }
    }
}
