//! What is going to happen, in order of time.
use crate::Action;
use crate::network::Packet;
use isonomy_chain::{Append, Flush};
use isonomy_node::{Input, Ticket};
use isonomy_peer::NetAddress;
use isonomy_types::{Link, Mono};
use std::collections::BTreeMap;

/// When something is due, and its rank among what is due at the same time: first come, first served.
pub(crate) type Slot = (Mono, u64);

/// A host between two crashes. What an earlier life asked for is lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Life {
    pub(crate) host: usize,
    pub(crate) number: u64,
}

pub(crate) enum Due {
    Input(Life, Box<Input>),
    Tick(Life),
    /// Reaches the medium now, and not before.
    Write(Life, Write),
    /// The far end hears of a call.
    Call(Life, NetAddress),
    Packet(Packet),
    /// A packet that is sent again unless it was acknowledged, and how long it was waited for.
    Resend {
        link: Link,
        seq: u64,
        waited_ms: u64,
    },
    Act(Action),
}

pub(crate) struct Write {
    pub(crate) ticket: Ticket,
    pub(crate) append: Vec<Append>,
    pub(crate) flush: Option<Box<Flush>>,
}

#[derive(Default)]
pub(crate) struct Agenda {
    now: Mono,
    serial: u64,
    due: BTreeMap<Slot, Due>,
}

impl Agenda {
    pub(crate) const fn now(&self) -> Mono {
        self.now
    }

    pub(crate) fn after(&mut self, ms: u64, due: Due) -> Slot {
        self.serial = self.serial.saturating_add(1);
        let slot = (self.now.plus(ms), self.serial);
        self.due.insert(slot, due);
        slot
    }

    pub(crate) fn cancel(&mut self, slot: Slot) -> bool {
        self.due.remove(&slot).is_some()
    }

    /// Takes out what a life has not yet written, in order.
    pub(crate) fn take_writes(&mut self, life: Life) -> Vec<Write> {
        let own = |_: &Slot, due: &mut Due| matches!(due, Due::Write(of, _) if *of == life);
        let taken = self.due.extract_if(.., own).filter_map(|(_, due)| match due {
            Due::Write(_, write) => Some(write),
            _ => None,
        });
        taken.collect()
    }

    /// Moves to what is due next; to `limit` if nothing is due until then.
    pub(crate) fn next(&mut self, limit: Mono) -> Option<Due> {
        match self.due.first_entry() {
            Some(first) if first.key().0 <= limit => {
                self.now = first.key().0;
                Some(first.remove())
            }
            _ => {
                self.now = self.now.max(limit);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heal(agenda: &mut Agenda, limit: u64) -> Option<u64> {
        agenda.next(Mono(limit)).map(|_| agenda.now().0)
    }

    #[test]
    fn what_is_due_comes_in_order_of_time_then_of_entry() {
        let mut agenda = Agenda::default();
        agenda.after(20, Due::Act(Action::Heal));
        agenda.after(10, Due::Act(Action::Crash(1)));
        agenda.after(10, Due::Act(Action::Crash(2)));
        for host in [1, 2] {
            let due = agenda.next(Mono(15));
            assert!(matches!(due, Some(Due::Act(Action::Crash(crashed))) if crashed == host));
        }
        assert_eq!(heal(&mut agenda, 15), None);
        assert_eq!(agenda.now(), Mono(15));
        assert_eq!(heal(&mut agenda, 100), Some(20));
        assert_eq!(heal(&mut agenda, 100), None);
        assert_eq!(agenda.now(), Mono(100), "an idle run reaches its limit");
    }

    #[test]
    fn what_is_cancelled_does_not_come() {
        let mut agenda = Agenda::default();
        let slot = agenda.after(5, Due::Act(Action::Heal));
        assert!(agenda.cancel(slot));
        assert!(!agenda.cancel(slot));
        assert_eq!(heal(&mut agenda, 9), None);
    }
}
