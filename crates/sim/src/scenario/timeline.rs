use super::{Act, Scenario, Stage, Step};
use crate::{Action, Dice, Sim};

/// Virtual milliseconds for which a crash waits for a write.
const WRITE_SOON_MS: u64 = 3_000;

/// What happens, in order of time.
pub(super) struct Timeline(Vec<(u64, Move)>);

enum Move {
    Act(Action),
    /// Of the acts, one that looks at the run as it is by then.
    Step(Act),
}

impl Timeline {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let mut moves = Vec::new();
        for Step { at_ms, act } in &scenario.steps {
            let end = |ms: u64| at_ms.saturating_add(ms).min(scenario.length_ms);
            let mut now = |action| moves.push((*at_ms, Move::Act(action)));
            match act {
                Act::Split { apart, ms } => {
                    now(Action::Split(vec![apart.clone()]));
                    moves.push((end(*ms), Move::Act(Action::Heal)));
                }
                Act::Mute { from, to, ms } => {
                    now(Action::Mute(*from, *to));
                    moves.push((end(*ms), Move::Act(Action::Unmute(*from, *to))));
                }
                Act::Deafen { host, ms } => {
                    now(Action::Read(*host, false));
                    moves.push((end(*ms), Move::Act(Action::Read(*host, true))));
                }
                Act::FillDisk { host, ms } => {
                    now(Action::FillDisk(*host, true));
                    moves.push((end(*ms), Move::Act(Action::FillDisk(*host, false))));
                    moves.push((end(*ms), Move::Act(Action::Crash(*host))));
                    moves.push((end(*ms), Move::Act(Action::Revive(*host))));
                }
                Act::Crash { host, ms, .. } => {
                    moves.push((*at_ms, Move::Step(act.clone())));
                    moves.push((end(*ms), Move::Act(Action::Revive(*host))));
                }
                Act::Join { host } => now(Action::Revive(*host)),
                Act::Transfer { .. } | Act::Attack { .. } => {
                    moves.push((*at_ms, Move::Step(act.clone())));
                }
            }
        }
        moves.sort_by_key(|(at_ms, _)| *at_ms);
        Self(moves)
    }

    /// Lets it all happen. How many transfers were submitted.
    pub(super) fn play(self, stage: &mut Stage, dice: &mut Dice) -> usize {
        let mut submitted = 0_usize;
        for (at_ms, what) in self.0 {
            stage.sim.run_for(at_ms.saturating_sub(stage.sim.now().0));
            match what {
                Move::Act(action) => stage.sim.act(action),
                Move::Step(Act::Transfer { host, from, to, amount }) => {
                    submitted = submitted.saturating_add(stage.transfer(host, (from, to), amount));
                }
                Move::Step(Act::Crash { host, writing, .. }) => {
                    if writing {
                        let amid = |sim: &Sim| sim.host(host).is_writing();
                        stage.sim.run_until(WRITE_SOON_MS, amid);
                    }
                    stage.sim.crash(host);
                }
                Move::Step(Act::Attack { host, by }) => by.begin(&mut stage.sim, dice, host),
                Move::Step(_) => {}
            }
        }
        submitted
    }
}

impl Stage {
    /// Through a host, if it is up: 1 if it was handed over.
    fn transfer(&mut self, host: usize, (from, to): (usize, usize), amount: u64) -> usize {
        let to = self.coin.wallets.get(to).map(|wallet| wallet.address());
        let wallet = self.coin.wallets.get_mut(from);
        let (Some(to), Some(wallet)) = (to, wallet) else { return 0 };
        let Some(node) = self.sim.hosts().get(host).and_then(|host| host.node()) else { return 0 };
        wallet.resume(node);
        let transfer = wallet.transfer(to, amount.into());
        usize::from(self.sim.submit(host, transfer).is_some())
    }
}
