use super::{Act, Scenario, Step};

/// The smallest scenario that still fails which can be found with so many `tries`: shorter, with
/// fewer nodes, on a calmer network, with fewer steps (delta debugging: Zeller and Hildebrandt,
/// "Simplifying and Isolating Failure-Inducing Input", 2002).
///
/// `fails` decides what counts as the same failure.
pub fn shrink(scenario: &Scenario, tries: usize, fails: impl FnMut(&Scenario) -> bool) -> Scenario {
    let mut search = Search { best: scenario.clone(), tries, fails };
    while search.round() {}
    search.best
}

struct Search<F> {
    best: Scenario,
    tries: usize,
    fails: F,
}

impl<F: FnMut(&Scenario) -> bool> Search<F> {
    /// Whether that found a smaller one.
    fn round(&mut self) -> bool {
        let shorter = self.shorter();
        let fewer = self.fewer_nodes();
        let steps = self.fewer_steps();
        let calmer = self.calmer();
        shorter || fewer || steps || calmer
    }

    fn attempt(&mut self, smaller: Scenario) -> bool {
        if self.tries == 0 || smaller == self.best || smaller.check().is_err() {
            return false;
        }
        self.tries = self.tries.saturating_sub(1);
        let fails = (self.fails)(&smaller);
        if fails {
            self.best = smaller;
        }
        fails
    }

    /// Ends at a half, or at three quarters.
    fn shorter(&mut self) -> bool {
        let mut found = false;
        loop {
            let length_ms = self.best.length_ms;
            let cuts = [length_ms / 2, length_ms / 4 * 3];
            let cut = |best: &Scenario, length_ms| {
                let mut shorter = best.clone();
                shorter.length_ms = length_ms;
                shorter.steps.retain(|step| step.at_ms <= length_ms);
                shorter
            };
            let worked = cuts.into_iter().any(|cut_ms| {
                let shorter = cut(&self.best, cut_ms);
                self.attempt(shorter)
            });
            if !worked {
                return found;
            }
            found = true;
        }
    }

    /// Without the last host, or the last half.
    fn fewer_nodes(&mut self) -> bool {
        let mut found = false;
        loop {
            let nodes = self.best.nodes;
            let worked = [nodes / 2, nodes.saturating_sub(1)].into_iter().any(|nodes| {
                let fewer = self.best.within(nodes);
                self.attempt(fewer)
            });
            if !worked {
                return found;
            }
            found = true;
        }
    }

    /// Without one chunk of steps after another: all, halves, quarters, …, single ones.
    fn fewer_steps(&mut self) -> bool {
        let (mut found, mut size) = (false, self.best.steps.len());
        while size > 0 {
            let mut from = 0;
            while from < self.best.steps.len() {
                let mut fewer = self.best.clone();
                let to = from.saturating_add(size).min(fewer.steps.len());
                fewer.steps.drain(from..to);
                if self.attempt(fewer) {
                    found = true;
                } else {
                    from = to;
                }
            }
            size /= 2;
        }
        found
    }

    /// Without one fault of the network.
    fn calmer(&mut self) -> bool {
        let calm: [fn(&mut Scenario); 4] = [
            |scenario| scenario.loss_permille = 0,
            |scenario| scenario.duplicate_permille = 0,
            |scenario| scenario.reorder_permille = 0,
            |scenario| scenario.skew_ms = 0,
        ];
        let mut found = false;
        for calm in calm {
            let mut calmer = self.best.clone();
            calm(&mut calmer);
            found |= self.attempt(calmer);
        }
        found
    }
}

impl Scenario {
    /// The same for the first `nodes` hosts.
    fn within(&self, nodes: usize) -> Self {
        let within = |step: &Step| -> Option<Step> {
            let mut step = step.clone();
            if let Act::Split { apart, .. } = &mut step.act {
                apart.retain(|host| *host < nodes);
            }
            step.act.hosts().iter().all(|host| *host < nodes).then_some(step)
        };
        let steps = self.steps.iter().filter_map(within).collect();
        Self { nodes, miners: self.miners.min(nodes), steps, ..self.clone() }
    }
}
