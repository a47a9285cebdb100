//! Engines that want the wrong thing.
use crate::stage::{base, invariant, run, with_engines};
use isonomy_consensus::pow::Pow;
use isonomy_consensus::{Engine, Input, Output};
use isonomy_crypto::Hash;
use isonomy_sim::check;
use isonomy_sim::scenario::REST_MS;
use isonomy_types::{Mono, Now};

/// Takes every best block for final at once.
struct Hasty {
    inner: Pow,
    last: Option<Hash>,
}

impl Engine for Hasty {
    fn handle(&mut self, now: Now, input: Input) {
        self.inner.handle(now, input);
    }

    fn poll(&mut self) -> Option<Output> {
        if let Some(id) = self.last.take() {
            return Some(Output::Final { id, certificate: None });
        }
        let output = self.inner.poll();
        if let Some(Output::Best(id)) = &output {
            self.last = Some(*id);
        }
        output
    }

    fn deadline(&self) -> Option<Mono> {
        self.inner.deadline()
    }
}

#[test]
fn finality_without_agreement_breaks_invariant_1() {
    let sim =
        run(|scenario| with_engines(scenario, |_, inner| Box::new(Hasty { inner, last: None })));
    assert_eq!(check::agreement(&sim).unwrap_err().invariant, 1);
    let honest = run(|scenario| with_engines(scenario, |_, inner| Box::new(inner)));
    check::agreement(&honest).unwrap();
}

/// Never moves to another block.
struct Stubborn(Pow);

impl Engine for Stubborn {
    fn handle(&mut self, now: Now, input: Input) {
        self.0.handle(now, input);
    }

    fn poll(&mut self) -> Option<Output> {
        loop {
            match self.0.poll()? {
                Output::Best(_) | Output::Base(_) => {}
                output => return Some(output),
            }
        }
    }

    fn deadline(&self) -> Option<Mono> {
        self.0.deadline()
    }
}

#[test]
fn a_host_that_stays_on_a_lighter_block_breaks_invariant_3() {
    let result = base().judge_on(|scenario| {
        with_engines(scenario, |host, inner| match host {
            3 => Box::new(Stubborn(inner)),
            _ => Box::new(inner),
        })
    });
    assert_eq!(invariant(result), 3);
}

/// Hears nothing for a while, and then everything at once.
struct Sleeper {
    inner: Pow,
    kept: Vec<Input>,
    wakes: Mono,
}

const SLEEPS: Mono = Mono(25_000);

impl Engine for Sleeper {
    fn handle(&mut self, now: Now, input: Input) {
        self.kept.push(input);
        if !(SLEEPS..self.wakes).contains(&now.mono) {
            self.kept.drain(..).for_each(|input| self.inner.handle(now, input));
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.inner.poll()
    }

    fn deadline(&self) -> Option<Mono> {
        if self.kept.is_empty() { self.inner.deadline() } else { Some(self.wakes) }
    }
}

#[test]
fn a_host_that_is_slow_to_follow_breaks_invariant_14() {
    let sleeps_until = |wakes| {
        base().judge_on(|scenario| {
            with_engines(scenario, move |host, inner| match host {
                2 => Box::new(Sleeper { inner, kept: Vec::new(), wakes }),
                _ => Box::new(inner),
            })
        })
    };
    let end = base().length_ms;
    assert_eq!(invariant(sleeps_until(Mono(end + REST_MS + 20_000))), 14);
    sleeps_until(Mono(end + 20_000)).unwrap();
}
