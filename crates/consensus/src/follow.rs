use crate::{Broken, Rules, Trail, check};
use alloc::{sync::Arc, vec::Vec};
use isonomy_types::{Authority, Entry, Header};

/// A run of entries, each on the one before: the work of a job.
///
/// Its cost grows with the number of entries alone. Whoever takes entries from a peer bounds them.
#[derive(Clone)]
pub struct Follow {
    /// The chain's.
    pub rules: Arc<dyn Rules>,
    /// The parent of the first entry.
    pub parent: Trail,
    /// Binds the first entry.
    pub authority: Arc<Authority>,
    /// Oldest first.
    pub entries: Vec<Entry>,
}

/// What came of a [`Follow`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Followed {
    /// The entries before the first that is broken, oldest first.
    pub valid: Vec<Valid>,
    /// The place of that entry, and what is wrong with it. What follows it was not looked at.
    pub broken: Option<(usize, Broken)>,
}

impl Follow {
    /// Judges the entries in order, up to the first that is broken.
    ///
    /// An entry that changes the authority and does not show the new one is valid itself; the next
    /// is [`Broken::AuthorityMissing`].
    #[must_use]
    pub fn run(self) -> Followed {
        let Self { rules, mut parent, authority, entries } = self;
        let mut authority = Some(authority);
        let mut valid = Vec::new();
        for (index, entry) in entries.into_iter().enumerate() {
            let missing = Broken::AuthorityMissing { limit: parent.next_authority };
            let judged = authority
                .as_ref()
                .ok_or(missing)
                .and_then(|authority| Valid::judge(&*rules, &parent, authority, entry));
            match judged {
                Ok(next) => {
                    (parent, authority) = (next.trail.clone(), next.authority.clone());
                    valid.push(next);
                }
                Err(broken) => return Followed { valid, broken: Some((index, broken)) },
            }
        }
        Followed { valid, broken: None }
    }
}

/// An entry that passed the rules, and what they made of it. Only the rules can make one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Valid {
    entry: Entry,
    trail: Trail,
    authority: Option<Arc<Authority>>,
}

impl Valid {
    /// Judges a header that we sealed ourselves. `next` binds its child.
    ///
    /// # Errors
    /// The first rule broken: then we have a fault, and the header must not leave the machine.
    pub fn own(
        rules: &dyn Rules,
        parent: &Trail,
        authority: &Arc<Authority>,
        header: Header,
        next: &Authority,
    ) -> Result<Self, Broken> {
        let entry = Entry { header, authority: Some(next.clone()), certificate: None };
        Self::judge(rules, parent, authority, entry)
    }

    /// An authority that did not change is taken out of the entry, so that one header has one entry
    /// without a certificate and one for each certificate.
    fn judge(
        rules: &dyn Rules,
        parent: &Trail,
        authority: &Arc<Authority>,
        mut entry: Entry,
    ) -> Result<Self, Broken> {
        let trail = check(rules, parent, authority, &entry.header)?;
        if let Some(shown) = &entry.authority {
            let (got, limit) = (shown.hash(), trail.next_authority);
            if got != limit {
                return Err(Broken::Authority { got, limit });
            }
        }
        if let Some(certificate) = &entry.certificate {
            rules.certified(authority, &trail, certificate)?;
        }
        let authority = if trail.next_authority == parent.next_authority {
            entry.authority = None;
            Some(authority.clone())
        } else {
            entry.authority.clone().map(Arc::new)
        };
        Ok(Self { entry, trail, authority })
    }

    /// As it goes into the log and to peers: with the authority if it changed and was shown, with
    /// the certificate if there is one, which then the rules have accepted.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// What its child is checked against.
    #[must_use]
    pub const fn trail(&self) -> &Trail {
        &self.trail
    }

    /// Whether a certificate proves it final.
    #[must_use]
    pub const fn certified(&self) -> bool {
        self.entry.certificate.is_some()
    }

    /// Binds its child. Absent where the header changes it and the entry did not show it: then the
    /// block must be executed before its child can be judged.
    #[must_use]
    pub const fn authority(&self) -> Option<&Arc<Authority>> {
        self.authority.as_ref()
    }

    /// The entry, the trail and what binds the child.
    #[must_use]
    pub fn into_parts(self) -> (Entry, Trail, Option<Arc<Authority>>) {
        (self.entry, self.trail, self.authority)
    }
}
