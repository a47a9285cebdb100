use alloc::collections::BTreeSet;
use core::mem;

/// A bounded memory of what was seen: the last `max / 2` items for certain, never more than `max`.
pub(crate) struct Recent<T> {
    young: BTreeSet<T>,
    old: BTreeSet<T>,
    half: usize,
}

impl<T: Ord> Recent<T> {
    pub(crate) const fn new(max: usize) -> Self {
        Self { young: BTreeSet::new(), old: BTreeSet::new(), half: max / 2 }
    }

    pub(crate) fn contains(&self, item: &T) -> bool {
        self.young.contains(item) || self.old.contains(item)
    }

    /// Whether it was not remembered before.
    pub(crate) fn insert(&mut self, item: T) -> bool {
        if self.contains(&item) {
            return false;
        }
        if self.young.len() >= self.half {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(item)
    }

    pub(crate) fn remove(&mut self, item: &T) {
        self.young.remove(item);
        self.old.remove(item);
    }

    pub(crate) fn len(&self) -> usize {
        self.young.len().saturating_add(self.old.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_the_oldest_half_and_keeps_its_bound() {
        let mut recent = Recent::new(8);
        for item in 0..100 {
            assert!(recent.insert(item));
            assert!(!recent.insert(item));
            assert!(recent.len() <= 8);
            assert!((item.max(3) - 3..=item).all(|kept| recent.contains(&kept)));
        }
        assert!(!recent.contains(&90));
    }

    #[test]
    fn what_is_removed_is_new_again() {
        let mut recent = Recent::new(4);
        (0..3).for_each(|item| assert!(recent.insert(item)));
        (0..3).for_each(|item| recent.remove(&item));
        assert_eq!(recent.len(), 0);
        assert!(recent.insert(1));
    }
}
