//! Headers: checked in a job that `follow` makes, kept by `import`, condemned once the block under
//! them is known to be invalid.
use super::{Block, Chain};
use crate::HeaderRefused;
use alloc::{collections::BTreeSet, vec::Vec};
use isonomy_consensus::{Follow, Trail, TreeError, Valid};
use isonomy_crypto::Hash;
use isonomy_types::{Certificate, Entry};

/// Authorities kept because a header names them and its sender showed them. Under work a header may
/// name any authority it likes until it is executed, and one takes up to 10 KB: this stops a miner
/// from filling memory with them. At the limit, what lies beyond a change of authority waits until
/// the change is executed.
pub const AUTHORITIES_MAX: usize = 1024;
/// So few that looking for those no longer named is not worth it.
const AUTHORITIES_FEW: usize = 64;

impl Chain {
    /// The work of checking a run of headers, each on the one before. The front of the run that
    /// brings nothing is left out. A header held already is checked again if a certificate or an
    /// authority stands beside it that is missing here.
    ///
    /// # Errors
    /// When there is nothing to check, or no way to.
    pub fn follow(&self, mut entries: Vec<Entry>) -> Result<Follow, HeaderRefused> {
        let mut known = 0_usize;
        for entry in &entries {
            let id = entry.header.id();
            if self.tree.is_condemned(&id) {
                return Err(HeaderRefused::Condemned);
            }
            if !self.tree.contains(&id) || self.is_completed_by(&id, entry) {
                break;
            }
            known = known.saturating_add(1);
        }
        let entries = entries.split_off(known);
        let parent = entries.first().ok_or(HeaderRefused::Known)?.header.parent;
        let trail = self.tree.get(&parent).ok_or(HeaderRefused::Orphan { parent })?;
        if self.tree.is_condemned(&parent) {
            return Err(HeaderRefused::Condemned);
        }
        let authority = self.authority_after(&parent).ok_or(HeaderRefused::AuthorityUnknown)?;
        Ok(Follow { rules: self.rules.clone(), parent: trail.clone(), authority, entries })
    }

    /// Whether `entry` brings what is missing beside a header held above the base.
    fn is_completed_by(&self, id: &Hash, entry: &Entry) -> bool {
        let block = self.blocks.get(id).filter(|_| *id != self.base().id);
        block.is_some_and(|block| {
            let known = self.authorities.contains_key(&block.header.next_authority);
            (block.certificate.is_none() && entry.certificate.is_some())
                || (!known && entry.authority.is_some())
        })
    }

    /// Makes room for a header that is about to be imported, if there is none: the end of another
    /// branch may go, unless it is executed or its body is here. Returns what went.
    pub fn make_room(&mut self, newcomer: &Trail) -> Option<Hash> {
        let (bodies, states) = (&self.bodies, &self.states);
        let keeps = |id: &Hash| bodies.contains_key(id) || states.contains_key(id);
        let gone = self.tree.make_room(newcomer, self.best.height, keeps)?.id;
        self.blocks.remove(&gone);
        Some(gone)
    }

    /// Keeps a header that passed its check, and what stands beside it. Of a header held already,
    /// what was missing beside it is kept, and the answer is [`HeaderRefused::Known`].
    ///
    /// # Errors
    /// When the header is not new, or lost its place while it was checked.
    pub fn import(&mut self, valid: Valid) -> Result<Trail, HeaderRefused> {
        let (entry, trail, authority) = valid.into_parts();
        let inserted = self.tree.insert(trail.clone()).map_err(refusal);
        if !matches!(inserted, Ok(()) | Err(HeaderRefused::Known)) {
            return inserted.map(|()| trail);
        }
        let Entry { header, certificate, .. } = entry;
        if inserted.is_ok() {
            self.blocks.insert(trail.id, Block { header, certificate: None });
        }
        if let Some(authority) = authority.filter(|_| self.authorities.len() < AUTHORITIES_MAX) {
            self.authorities.entry(trail.next_authority).or_insert(authority);
        }
        if let Some(certificate) = certificate {
            self.certified(trail.id, &certificate);
        }
        inserted.map(|()| trail)
    }

    /// Keeps a certificate that the rules accepted, and says whether it is the block's first.
    pub fn certified(&mut self, id: Hash, certificate: &Certificate) -> bool {
        let block = self.blocks.get_mut(&id).filter(|block| block.certificate.is_none());
        block.map(|block| block.certificate = Some(certificate.clone())).is_some()
    }

    /// Nothing is built on `id` again, and what descends from it is let go. Returns both, parents
    /// first: none if it was condemned before, is unknown, or is executed and so valid.
    pub fn condemn(&mut self, id: Hash) -> Vec<Hash> {
        if self.states.contains_key(&id) {
            return Vec::new();
        }
        let condemned = self.tree.condemn(id);
        for other in &condemned {
            self.drop_body(other);
            if *other != id {
                self.blocks.remove(other);
            }
        }
        condemned
    }

    /// Lets go of authorities that no header names.
    pub(super) fn prune_authorities(&mut self) {
        if self.authorities.len() > AUTHORITIES_FEW {
            let below = self.tree.ancestry(self.base().id).map(|trail| trail.next_authority);
            let above = self.blocks.values().map(|block| block.header.next_authority);
            let named: BTreeSet<Hash> = below.chain(above).collect();
            self.authorities.retain(|hash, _| named.contains(hash));
        }
    }
}

fn refusal(refused: TreeError) -> HeaderRefused {
    match refused {
        TreeError::Known => HeaderRefused::Known,
        TreeError::Orphan { parent } => HeaderRefused::Orphan { parent },
        TreeError::Condemned => HeaderRefused::Condemned,
        TreeError::Full { got, limit } => HeaderRefused::Full { got, limit },
    }
}
