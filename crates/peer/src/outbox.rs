use crate::{CloseReason, Message, Output, Violation};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use isonomy_types::Link;

/// Bytes that may wait for one link. A link that lets more pile up is closed, so that who asks and
/// never reads costs this much and no more (CVE-2018-17145).
pub const BACKLOG_BYTES_MAX: usize = 8 * 1024 * 1024;
/// What a waiting frame costs besides its bytes, so that tiny frames cannot outgrow the bound.
const FRAME_COST: usize = 64;

/// Where every duty puts what it has to say. Keeps each link's order and its credit.
pub(crate) struct Outbox {
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
}

struct Waiting {
    frame: Vec<u8>,
    sent: usize,
}

impl Outbox {
    pub(crate) const fn new() -> Self {
        Self { pipes: BTreeMap::new(), outputs: VecDeque::new(), closed: Vec::new() }
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
        let (got, limit) = (pipe.held.saturating_add(cost(&frame)), BACKLOG_BYTES_MAX);
        if got > limit {
            return self.close(link, Violation::SlowReader { got, limit });
        }
        pipe.held = got;
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
