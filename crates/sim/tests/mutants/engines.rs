//! Engines that want the wrong thing.
use crate::stage::{base, invariant, run, with_engines};
use isonomy_consensus::pow::Pow;
use isonomy_consensus::{Engine, Input, Output};
use isonomy_crypto::Hash;
use isonomy_sim::check;
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
