//! What was handed to a store, to be compared with what a crash leaves.
use isonomy_chain::{Append, Recovered, Tip};
use isonomy_crypto::{Domain, Hash};

const RECORD: Domain = Domain::new("isonomy sim record 1");

/// What the log and the state of one store should be.
pub(crate) struct Written {
    /// Above the flushed tip, oldest first. What was acknowledged comes before what was not.
    log: Vec<Line>,
    tip: (u64, Hash),
}

struct Line {
    height: u64,
    name: Hash,
    acknowledged: bool,
}

impl Written {
    pub(crate) fn new(genesis: &Tip) -> Self {
        Self { log: Vec::new(), tip: (genesis.trail.height, genesis.trail.id) }
    }

    pub(crate) fn appended(&mut self, append: &[Append], acknowledged: bool) {
        let lines = append.iter().filter_map(line);
        self.log.extend(lines.map(|(height, name)| Line { height, name, acknowledged }));
    }

    pub(crate) fn flushed(&mut self, tip: &Tip) {
        self.tip = (tip.trail.height, tip.trail.id);
        self.log.retain(|line| line.height > tip.trail.height);
    }

    /// Whether `recovered` is all that was acknowledged, and of the rest what came first. Goes on
    /// from there.
    pub(crate) fn recovered(&mut self, recovered: &Recovered) -> Result<(), String> {
        let result = self.compare(recovered);
        let found = recovered.log.iter().filter_map(line);
        let found = found.map(|(height, name)| Line { height, name, acknowledged: true });
        self.log = found.collect();
        result
    }

    pub(crate) fn compare(&self, recovered: &Recovered) -> Result<(), String> {
        let tip = (recovered.tip.trail.height, recovered.tip.trail.id);
        if tip != self.tip {
            return Err(format!("block {} of height {} as flushed tip", tip.1, tip.0));
        }
        let found: Vec<_> = recovered.log.iter().filter_map(line).collect();
        let same = |(line, found): &(&Line, &(u64, Hash))| line.name == found.1;
        let common = self.log.iter().zip(&found).take_while(same).count();
        let acknowledged = self.log.iter().filter(|line| line.acknowledged).count();
        if common < found.len() || common < acknowledged {
            let held = found.len();
            return Err(format!(
                "a log of {held}, {common} as written, of {acknowledged} acknowledged"
            ));
        }
        Ok(())
    }
}

/// A certificate stands with its block, and is judged with it.
fn line(append: &Append) -> Option<(u64, Hash)> {
    match append {
        Append::Block { entry, .. } => Some((entry.header.height, entry.header.id())),
        Append::Record { height, record } => Some((*height, RECORD.hash(record))),
        Append::Certificate { .. } => None,
    }
}
