//! Engines that differ from the right one in one thing.
use crate::promises::Promise;
use crate::rules::Phase;
use isonomy_consensus::{Ask, Engine, Input, Output};
use isonomy_types::{Decode, Mono, Now};
use std::collections::VecDeque;

pub(crate) type Variant = fn(Box<dyn Engine>) -> Box<dyn Engine>;

pub(crate) fn right(inner: Box<dyn Engine>) -> Box<dyn Engine> {
    inner
}

/// Right too: best is one block behind what it knows to be final and builds on.
pub(crate) fn lagging(inner: Box<dyn Engine>) -> Box<dyn Engine> {
    Box::new(Lagging { inner, held: VecDeque::new(), out: VecDeque::new() })
}

/// Wrong: signs before its promise is durable.
pub(crate) fn hasty(inner: Box<dyn Engine>) -> Box<dyn Engine> {
    Box::new(Hasty { inner, now: Now::default(), assumed: VecDeque::new() })
}

/// Wrong: what it recorded is not restored.
pub(crate) fn forgetful(inner: Box<dyn Engine>) -> Box<dyn Engine> {
    Box::new(Forgetful { inner, keeps: |_| false })
}

/// Wrong: of what it recorded, the commits are not restored, and so its lock is lost.
pub(crate) fn unlocked(inner: Box<dyn Engine>) -> Box<dyn Engine> {
    Box::new(Forgetful { inner, keeps: |promise| promise.statement.phase != Phase::Commit })
}

struct Lagging {
    inner: Box<dyn Engine>,
    /// About the newest final block, until there is a newer one.
    held: VecDeque<Output>,
    out: VecDeque<Output>,
}

impl Engine for Lagging {
    fn handle(&mut self, now: Now, input: Input) {
        self.inner.handle(now, input);
        while let Some(output) = self.inner.poll() {
            match output {
                Output::Best(_) => {
                    self.out.append(&mut self.held);
                    self.held.push_back(output);
                }
                Output::Final { .. } => self.held.push_back(output),
                _ => self.out.push_back(output),
            }
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Mono> {
        self.inner.deadline()
    }
}

struct Hasty {
    inner: Box<dyn Engine>,
    now: Now,
    /// Records that it takes for durable.
    assumed: VecDeque<Ask>,
}

impl Engine for Hasty {
    fn handle(&mut self, now: Now, input: Input) {
        self.now = now;
        self.inner.handle(now, input);
    }

    fn poll(&mut self) -> Option<Output> {
        loop {
            match self.inner.poll() {
                Some(output) => {
                    if let Output::Record { ask, .. } = output {
                        self.assumed.push_back(ask);
                    }
                    return Some(output);
                }
                None => {
                    let ask = self.assumed.pop_front()?;
                    self.inner.handle(self.now, Input::Recorded { ask });
                }
            }
        }
    }

    fn deadline(&self) -> Option<Mono> {
        self.inner.deadline()
    }
}

struct Forgetful {
    inner: Box<dyn Engine>,
    keeps: fn(&Promise) -> bool,
}

impl Engine for Forgetful {
    fn handle(&mut self, now: Now, mut input: Input) {
        if let Input::Restored { records, .. } = &mut input {
            let keeps = |promise: Promise| (self.keeps)(&promise);
            records.retain(|record| Promise::decode_exact(record).is_ok_and(keeps));
        }
        self.inner.handle(now, input);
    }

    fn poll(&mut self) -> Option<Output> {
        self.inner.poll()
    }

    fn deadline(&self) -> Option<Mono> {
        self.inner.deadline()
    }
}
