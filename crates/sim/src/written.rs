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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coin::Coin;
    use isonomy_store::{Memory, Store};
    use isonomy_types::Blob;

    fn record(height: u64) -> Append {
        Append::Record { height, record: Blob::truncated(vec![height as u8]) }
    }

    /// A store that holds records of these heights, and what it says of itself.
    fn found(heights: &[u64]) -> Recovered {
        let mut store = Memory::new(&Coin::new(1).unwrap().spec.genesis);
        let records: Vec<_> = heights.iter().copied().map(record).collect();
        store.append(&records).unwrap();
        store.recover().unwrap()
    }

    /// Records of the heights 1 and 2 were acknowledged, 3 and 4 were under way.
    fn written() -> Written {
        let mut written = Written::new(&Coin::new(1).unwrap().spec.genesis.tip);
        written.appended(&[record(1), record(2)], true);
        written.appended(&[record(3), record(4)], false);
        written
    }

    #[test]
    fn what_comes_back_is_what_was_acknowledged_and_a_prefix_of_the_rest() {
        let table: [(&str, &[u64], bool); 8] = [
            ("what was acknowledged", &[1, 2], true),
            ("and some of the rest", &[1, 2, 3], true),
            ("and all of it", &[1, 2, 3, 4], true),
            ("nothing", &[], false),
            ("too little", &[1], false),
            ("a gap", &[1, 2, 4], false),
            ("another order", &[2, 1], false),
            ("more than was written", &[1, 2, 3, 4, 5], false),
        ];
        for (what, heights, sound) in table {
            assert_eq!(written().compare(&found(heights)).is_ok(), sound, "{what}");
        }
    }

    #[test]
    fn what_came_back_once_must_come_back_again() {
        let mut written = written();
        written.recovered(&found(&[1, 2, 3])).unwrap();
        assert!(written.compare(&found(&[1, 2])).is_err());
        written.compare(&found(&[1, 2, 3])).unwrap();
    }

    #[test]
    fn a_flush_takes_what_is_below_out_of_the_log_and_must_be_found() {
        let mut written = written();
        let mut tip = Coin::new(1).unwrap().spec.genesis.tip;
        tip.trail.height = 2;
        written.flushed(&tip);
        let mut recovered = found(&[3]);
        assert!(written.compare(&recovered).is_err(), "the tip is not there");
        recovered.tip = tip;
        written.compare(&recovered).unwrap();
    }
}
