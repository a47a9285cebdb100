//! That a run had something to check.
use super::{Act, Scenario, Verdict};
use crate::check::Broken;

/// Blocks that the weaker side of a split must be expected to find for a reorganisation to be sure.
const SURE_BLOCKS: u64 = 12;

impl Scenario {
    /// Each kind of fault that was planned happened, blocks were found, transfers took effect.
    ///
    /// # Errors
    /// Invariant 16.
    pub(super) fn exercised(&self, verdict: &Verdict) -> Result<(), Broken> {
        let stats = &verdict.stats;
        let any =
            |happens: fn(&Act) -> bool| u64::from(self.steps.iter().any(|step| happens(&step.act)));
        let often = |permille: u64| u64::from(permille > 0) * stats.packets * permille / 2_000;
        let split = any(|act| matches!(act, Act::Split { ms, .. } if *ms > 0));
        let transfers = self.steps.iter().filter(|step| matches!(step.act, Act::Transfer { .. }));
        let transfers = transfers.count() as u64;
        let least = [
            ("blocks", verdict.blocks as u64, self.length_ms / self.interval_ms / 8),
            ("packets lost", stats.lost, often(self.loss_permille)),
            ("packets doubled", stats.doubled, often(self.duplicate_permille)),
            ("packets late", stats.late, often(self.reorder_permille)),
            ("crashes", stats.crashes, any(|act| matches!(act, Act::Crash { .. }))),
            ("packets swallowed", stats.swallowed, split),
            ("reorganisations", stats.reorganisations, u64::from(self.must_reorganise())),
            ("transfers submitted", verdict.submitted as u64, transfers / 4),
            ("transfers confirmed", verdict.confirmed as u64, transfers / 8),
        ];
        for (what, got, least) in least {
            Broken::check(16, 0, format_args!("{what}, at least"), got.min(least), least)?;
        }
        Ok(())
    }

    /// Whether both sides of some split find blocks, as good as surely.
    fn must_reorganise(&self) -> bool {
        self.steps.iter().any(|step| {
            let Act::Split { apart, ms } = &step.act else { return false };
            let there = apart.iter().filter(|host| **host < self.miners).count();
            let few = there.min(self.miners.saturating_sub(there)) as u64;
            let ms = (*ms).min(self.length_ms.saturating_sub(step.at_ms));
            let searches = ms.saturating_mul(few) / self.interval_ms;
            searches / self.miners as u64 >= SURE_BLOCKS
        })
    }
}
