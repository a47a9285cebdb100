use crate::Sim;
use isonomy_types::Transaction;

/// Something done to a run from outside: now, or later with [`Sim::at`].
#[derive(Clone, Debug)]
pub enum Action {
    /// The first host calls the second.
    Connect(usize, usize),
    /// Hosts on different sides do not hear each other, nor those on no side.
    Split(Vec<Vec<usize>>),
    /// The second host does not hear the first.
    Mute(usize, usize),
    /// … and hears it again.
    Unmute(usize, usize),
    /// Everyone hears everyone again.
    Heal,
    /// Whether a host reads what is sent to it.
    Read(usize, bool),
    /// Whether a host's disk is full.
    FillDisk(usize, bool),
    /// A host loses its power.
    Crash(usize),
    /// … and starts again from what its store kept.
    Revive(usize),
    /// A host's owner submits a transaction.
    Submit(usize, Box<Transaction>),
    /// Searches for nonces find nothing any more: a chain of work comes to rest.
    StopMining,
}

impl Sim {
    /// Does it now.
    pub fn act(&mut self, action: Action) {
        match action {
            Action::Connect(a, b) => self.connect(a, b),
            Action::Split(sides) => self.split(&sides),
            Action::Mute(from, to) => self.mute(from, to),
            Action::Unmute(from, to) => self.unmute(from, to),
            Action::Heal => self.heal(),
            Action::Read(host, reads) => self.read(host, reads),
            Action::FillDisk(host, full) => self.fill_disk(host, full),
            Action::Crash(host) => self.crash(host),
            Action::Revive(host) => self.revive(host),
            Action::Submit(host, transaction) => drop(self.submit(host, *transaction)),
            Action::StopMining => self.stop_mining(),
        }
    }
}
