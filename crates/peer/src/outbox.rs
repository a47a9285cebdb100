use crate::{CloseReason, Limits, Message, Output, Violation};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use isonomy_types::{Link, Mono};

/// What a waiting frame costs besides its bytes, so that tiny frames cannot outgrow the bound.
const FRAME_COST: usize = 64;

/// Where every duty puts what it has to say. Keeps each link's order and its credit.
pub(crate) struct Outbox {
    now: Mono,
    /// Bytes that may wait for one link.
    backlog_bytes: usize,
    slow_ms: u64,
    least_bytes_per_s: u64,
    /// Bytes taken in so far, by all links.
    taken: u64,
    pipes: BTreeMap<Link, Pipe>,
    outputs: VecDeque<Output>,
    closed: Vec<Link>,
}

#[derive(Default)]
struct Pipe {
    credit: usize,
    backlog: VecDeque<Waiting>,
    held: usize,
    sent: u64,
    /// Since when something has waited without a break or been measured, and what was sent then.
    since: Option<(Mono, u64)>,
}

struct Waiting {
    frame: Vec<u8>,
    sent: usize,
}

impl Outbox {
    pub(crate) fn new(now: Mono, limits: &Limits) -> Self {
        Self {
            now,
            backlog_bytes: limits.backlog_bytes(),
            slow_ms: limits.slow_ms,
            least_bytes_per_s: limits.least_bytes_per_s,
            taken: 0,
            pipes: BTreeMap::new(),
            outputs: VecDeque::new(),
            closed: Vec::new(),
        }
    }

    pub(crate) fn advance(&mut self, now: Mono) {
        self.now = now;
    }

    /// Hangs up on those for whom something waits and who took too little of it lately. One who
    /// takes a byte now and then is as slow as one who takes none (CVE-2018-17145).
    pub(crate) fn tick(&mut self) {
        let mut slow = Vec::new();
        for (link, pipe) in &mut self.pipes {
            let Some((since, sent)) = pipe.since else { continue };
            if since.plus(self.slow_ms) > self.now {
                continue;
            }
            let took = pipe.sent.saturating_sub(sent);
            let got = took.saturating_mul(1_000) / self.now.since(since).max(1);
            if got < self.least_bytes_per_s {
                slow.push((*link, got));
            }
            pipe.since = Some((self.now, pipe.sent));
        }
        let limit = self.least_bytes_per_s;
        for (link, got) in slow {
            self.close(link, Violation::Slow { what: "reader", got, limit });
        }
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        let since = self.pipes.values().filter_map(|pipe| pipe.since);
        since.map(|(since, _)| since.plus(self.slow_ms)).min()
    }

    /// Bytes taken in so far, by all links.
    pub(crate) const fn taken(&self) -> u64 {
        self.taken
    }

    pub(crate) fn open(&mut self, link: Link) {
        self.pipes.insert(link, Pipe::default());
    }

    /// The link is gone: nothing more is sent, and no close is said.
    pub(crate) fn forget(&mut self, link: Link) {
        self.pipes.remove(&link);
    }

    pub(crate) fn is_open(&self, link: Link) -> bool {
        self.pipes.contains_key(&link)
    }

    pub(crate) fn emit(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(crate) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Hangs up, once. The duties hear of it by [`take_closed`](Self::take_closed).
    pub(crate) fn close(&mut self, link: Link, why: impl Into<CloseReason>) {
        if self.pipes.remove(&link).is_some() {
            self.closed.push(link);
            self.emit(Output::Close { link, why: why.into() });
        }
    }

    pub(crate) fn take_closed(&mut self) -> Option<Link> {
        self.closed.pop()
    }

    pub(crate) fn send(&mut self, link: Link, message: &Message) {
        if self.is_open(link) {
            self.push(link, message.to_frame());
        }
    }

    /// The same to many, encoded once.
    pub(crate) fn send_all(&mut self, links: impl Iterator<Item = Link>, message: &Message) {
        let frame = message.to_frame();
        links.for_each(|link| self.push(link, frame.clone()));
    }

    pub(crate) fn writable(&mut self, link: Link, bytes: usize) {
        if let Some(pipe) = self.pipes.get_mut(&link) {
            pipe.credit = pipe.credit.saturating_add(bytes);
        }
        self.release(link);
    }

    /// What waits for this link, in bytes.
    pub(crate) fn held(&self, link: Link) -> usize {
        self.pipes.get(&link).map_or(0, |pipe| pipe.held)
    }

    pub(crate) fn sent(&self, link: Link) -> u64 {
        self.pipes.get(&link).map_or(0, |pipe| pipe.sent)
    }

    fn push(&mut self, link: Link, frame: Vec<u8>) {
        let Some(pipe) = self.pipes.get_mut(&link) else { return };
        let (got, limit) = (pipe.held.saturating_add(cost(&frame)), self.backlog_bytes);
        if got > limit {
            return self.close(link, Violation::SlowReader { got, limit });
        }
        pipe.held = got;
        pipe.since.get_or_insert((self.now, pipe.sent));
        self.taken = self.taken.saturating_add(frame.len() as u64);
        pipe.backlog.push_back(Waiting { frame, sent: 0 });
        self.release(link);
    }

    /// What credit allows leaves now.
    fn release(&mut self, link: Link) {
        let Some(pipe) = self.pipes.get_mut(&link) else { return };
        while pipe.credit > 0 && !pipe.backlog.is_empty() {
            let Some(bytes) = pipe.piece() else { break };
            pipe.credit = pipe.credit.saturating_sub(bytes.len());
            pipe.sent = pipe.sent.saturating_add(bytes.len() as u64);
            self.outputs.push_back(Output::Send { link, bytes });
        }
        if pipe.backlog.is_empty() {
            pipe.since = None;
        }
    }
}

impl Pipe {
    /// The next bytes to send, as many as credit allows and one frame holds.
    fn piece(&mut self) -> Option<Vec<u8>> {
        let first = self.backlog.front_mut()?;
        let rest = first.frame.get(first.sent..)?;
        if rest.len() > self.credit {
            let piece = rest.get(..self.credit)?.to_vec();
            first.sent = first.sent.saturating_add(piece.len());
            return Some(piece);
        }
        let Waiting { mut frame, sent } = self.backlog.pop_front()?;
        self.held = self.held.saturating_sub(cost(&frame));
        frame.drain(..sent);
        Some(frame)
    }
}

fn cost(frame: &[u8]) -> usize {
    frame.len().saturating_add(FRAME_COST)
}
