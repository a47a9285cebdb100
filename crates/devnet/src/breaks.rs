//! Who is kept from talking to whom.
use crate::DevnetError;
use crate::child::Child;
use crate::links::Links;
use isonomy_types::NodeKey;
use std::collections::{BTreeMap, BTreeSet};

/// Links that are cut, whether their ends run or not.
#[derive(Default)]
pub(crate) struct Breaks {
    cut: BTreeSet<(usize, usize)>,
    side: Option<BTreeSet<usize>>,
}

impl Breaks {
    pub(crate) fn cut(&mut self, one: usize, other: usize) {
        self.cut.insert((one.min(other), one.max(other)));
    }

    pub(crate) fn heal(&mut self, one: usize, other: usize) {
        self.cut.remove(&(one.min(other), one.max(other)));
    }

    pub(crate) fn part(&mut self, side: BTreeSet<usize>) {
        self.side = Some(side);
    }

    pub(crate) fn reunite(&mut self) {
        self.side = None;
    }

    /// Whether these two must not talk.
    pub(crate) fn apart(&self, one: usize, other: usize) -> bool {
        let parted = |side: &BTreeSet<usize>| side.contains(&one) != side.contains(&other);
        self.side.as_ref().is_some_and(parted)
            || self.cut.contains(&(one.min(other), one.max(other)))
    }

    /// Tells every node whom to refuse: both ends, since one that was killed has forgotten it. Ends
    /// that may talk again are connected at once, however long they have failed to.
    pub(crate) async fn impose(
        &self,
        keys: &BTreeMap<usize, NodeKey>,
        children: &BTreeMap<usize, Child>,
        links: &mut Links,
    ) -> Result<(), DevnetError> {
        let mut healed = BTreeSet::new();
        for (number, child) in children {
            let apart = keys.iter().filter(|(other, _)| self.apart(*number, **other));
            let due: BTreeSet<NodeKey> = apart.map(|(_, key)| *key).collect();
            let now: BTreeSet<NodeKey> = child.client.links().await?.cut.into_iter().collect();
            for key in due.difference(&now) {
                child.client.cut(*key).await?;
            }
            for key in now.difference(&due) {
                child.client.heal(*key).await?;
                healed.insert((child.key.min(*key), child.key.max(*key)));
            }
        }
        for (one, other) in healed {
            let child = |key| children.iter().find(|(_, child)| child.key == key);
            if let (Some((from, one)), Some((to, other))) = (child(one), child(other)) {
                let way = links.way(*from, (*to, other.listen)).await?;
                one.client.dial(way).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_whole_once_neither_a_cut_nor_a_partition_keeps_it_apart() {
        let mut breaks = Breaks::default();
        breaks.cut(2, 1);
        breaks.part([1, 3].into());
        let apart = |breaks: &Breaks| {
            let pairs = [(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)];
            pairs.map(|(one, other)| {
                assert_eq!(breaks.apart(one, other), breaks.apart(other, one));
                breaks.apart(one, other)
            })
        };
        assert_eq!(apart(&breaks), [true, false, true, true, false, true]);
        breaks.reunite();
        assert_eq!(apart(&breaks), [true, false, false, false, false, false]);
        breaks.part([1, 2].into());
        breaks.heal(1, 2);
        assert_eq!(apart(&breaks), [false, true, true, true, true, false]);
    }
}
