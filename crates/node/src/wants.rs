//! What the engine wants.
use crate::jobs::Subject;
use crate::limits::TEMPLATES_MAX;
use crate::machine::Template;
use crate::writes::Promise;
use crate::{Event, Job, Node, Output};
use alloc::{boxed::Box, vec, vec::Vec};
use isonomy_chain::{Adopted, Append, Outcome, Transactions};
use isonomy_consensus::{self as consensus, Ask, Output as Want};
use isonomy_crypto::{Hash, list_root};
use isonomy_ledger::Executed;
use isonomy_peer::Worth;
use isonomy_types::{Certificate, Entry, Header, Seal, Version, Wall};

impl Node {
    pub(crate) fn engine_wants(&mut self, want: Want) {
        match want {
            Want::Want(ids) => {
                self.wanted = ids;
                self.advance();
            }
            Want::Best(id) => self.best(id),
            Want::Base(id) => self.base(id),
            Want::Final { id, certificate } => self.finality(id, certificate),
            Want::Propose { ask, parent } => self.propose(ask, parent),
            Want::Seal { ask, seal } => self.seal(ask, seal),
            Want::Mine { ask, mine } => drop(self.job(Subject::Mine(ask), Job::Mine(mine))),
            Want::Sign { ask, key, digest } => {
                self.job(Subject::Sign(ask), Job::Sign { key, digest });
            }
            Want::Verify { ask, claims } => {
                self.job(Subject::Verify(ask), Job::Verify(claims));
            }
            Want::Cancel { ask } => self.cancel(ask),
            Want::Record { ask, height, record } => {
                self.commit(Promise::Record(ask), vec![Append::Record { height, record }], None);
            }
            Want::Send { link, message } => self.peers.send(link, message),
            Want::Announce(id) => {
                if let Some(entry) = self.chain.entry(&id) {
                    self.peers.announce(&entry);
                }
            }
            Want::Relay { key, expires, message } => {
                self.peers.relay(self.now, key, expires, message);
            }
            Want::Blame { link, why } => self.peers.worth(link, Worth::Bad(why.into())),
            Want::Evidence { offender, proof } => {
                self.out.push_back(Output::Event(Event::Evidence { offender, proof }));
            }
            Want::WantPeers(keys) => self.book.want(keys),
            Want::Halt { why } => self.halt(why),
        }
    }

    fn cancel(&mut self, ask: Ask) {
        self.templates.remove(&ask);
        if let Some(id) = self.jobs.of(ask) {
            self.jobs.end(id);
            self.out.push_back(Output::Cancel(id));
        }
    }

    fn best(&mut self, id: Hash) {
        let Some(Adopted { left, joined }) = self.chain.adopt(id) else { return };
        let height = self.chain.best().height;
        let blocks = left.len();
        self.reorgs = self.reorgs.saturating_add(u64::from(blocks > 0));
        let flat = |bodies: Vec<(Hash, Transactions)>| -> Vec<_> {
            bodies.iter().flat_map(|(_, body)| body.iter().cloned()).collect()
        };
        let (left, joined) = (flat(left), flat(joined));
        let moved = self.pool.moved(&left, &joined, height, self.now.mono);
        self.peers.announce_again(self.now, moved.returned);
        self.peers.set_height(height);
        self.out.push_back(Output::Event(Event::Best { id, height, left: blocks }));
        self.recheck_pool();
        self.admit_after(&joined);
        self.flush();
    }

    fn base(&mut self, id: Hash) {
        self.writes.settle(id);
        self.flush();
    }

    fn finality(&mut self, id: Hash, certificate: Option<Certificate>) {
        if let Some(certificate) = certificate
            && self.chain.certified(id, &certificate)
        {
            self.certificate(id, certificate);
        }
        self.out.push_back(Output::Event(Event::Final { id }));
        self.base(id);
    }

    fn propose(&mut self, ask: Ask, parent: Hash) {
        let execute = self.chain.trail(&parent).map(|trail| trail.time).and_then(|before| {
            let time = Wall(self.now.wall.0.max(before.0.saturating_add(1)));
            // All that waits: execution leaves out what finds no room, at next to no cost. Were
            // it cut to what one block may declare, a few that declare much and use little would
            // keep blocks empty.
            let candidates = self.pool.candidates(usize::MAX, u64::MAX);
            let producer = self.config.producer;
            Some((time, self.chain.template(parent, time, producer, candidates)?))
        });
        match execute {
            Some((time, execute)) => {
                let subject = Subject::Template { ask, parent, time };
                self.job(subject, Job::Execute(Box::new(execute)));
            }
            None => self.facts.push_back(consensus::Input::Failed { ask }),
        }
    }

    pub(crate) fn template(&mut self, ask: Ask, parent: Hash, time: Wall, executed: Executed) {
        let Some(height) = self.chain.trail(&parent).map(|trail| trail.height) else {
            return self.facts.push_back(consensus::Input::Failed { ask });
        };
        let leaves: Vec<Hash> = executed.included.iter().map(|tx| tx.leaf()).collect();
        let header = Header {
            version: Version,
            parent,
            height: height.saturating_add(1),
            time,
            producer: self.config.producer,
            body_root: list_root(&leaves),
            state_root: executed.tree.root(),
            receipts_root: executed.receipts_root,
            next_authority: executed.next_authority.hash(),
            next_params: executed.next_params.hash(),
            seal: Seal::default(),
        };
        while self.templates.len() >= TEMPLATES_MAX {
            self.templates.pop_first();
        }
        self.templates.insert(ask, Template { header: header.clone(), executed });
        let header = Box::new(header);
        self.facts.push_back(consensus::Input::Proposed { ask, header });
    }

    fn seal(&mut self, ask: Ask, seal: Seal) {
        if self.sealed(ask, seal).is_none() {
            self.facts.push_back(consensus::Input::Failed { ask });
        }
    }

    /// A block of our own: imported with the layer that its template made. The engine hears that
    /// it is executed, and so can show it, once it is durable: else a crash could seal a rival.
    fn sealed(&mut self, ask: Ask, seal: Seal) -> Option<()> {
        let Template { mut header, executed } = self.templates.remove(&ask)?;
        header.seal = seal;
        let before = self.chain.header(&header.parent).map(|parent| parent.next_authority);
        let changed = before != Some(header.next_authority);
        let authority = changed.then(|| executed.next_authority.as_ref().clone());
        let entry = Entry { header, authority, certificate: None };
        let followed = self.chain.follow(vec![entry]).ok()?.run();
        let valid = followed.valid.into_iter().next()?;
        let id = valid.trail().id;
        self.import(valid);
        self.chain.import_body(id, executed.included.clone().into());
        let Outcome::Executed { authority } = self.chain.executed(id, Ok(executed)) else {
            return None;
        };
        self.keep(id, Promise::Own { id, authority });
        Some(())
    }
}
