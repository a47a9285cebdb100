//! Going on from what the log holds above the flushed tip.
use crate::{Node, Output, writes::Promise};
use alloc::{string::String, sync::Arc, vec, vec::Vec};
use isonomy_chain::{Append, Transactions};
use isonomy_consensus::{self as consensus, Trail};
use isonomy_crypto::Hash;
use isonomy_types::{Body, Certificate, Entry, Transaction};

impl Node {
    /// Headers are checked again, since that is cheap and shows a damaged log; signatures are not.
    pub(crate) fn restore(&mut self, log: Vec<Append>) {
        let tip = self.chain.best().clone();
        let authority = self.chain.authority_after(&tip.id).unwrap_or_default();
        let (mut above, mut records, mut certified) = (Vec::new(), Vec::new(), Vec::new());
        for append in log {
            match append {
                Append::Block { entry, body } => {
                    let certificate = entry.certificate.clone();
                    let Some(trail) = self.restore_block(*entry, body) else { continue };
                    let id = trail.id;
                    let certificate = certificate.into_iter();
                    certified.extend(
                        certificate
                            .map(|certificate| consensus::Input::Certified { id, certificate }),
                    );
                    above.push(trail);
                }
                Append::Record { record, .. } => records.push(record),
                Append::Certificate { id, certificate } => {
                    certified.extend(self.restore_certificate(id, certificate));
                }
            }
        }
        self.facts.push_back(consensus::Input::Restored { tip, authority, above, records });
        self.facts.extend(certified);
        self.pump();
    }

    fn restore_block(&mut self, entry: Entry, body: Body) -> Option<Trail> {
        let followed = self.chain.follow(vec![entry]).ok()?.run();
        let trail = self.chain.import(followed.valid.into_iter().next()?).ok()?;
        let transactions = body.transactions.into_iter();
        let shared = transactions.map(|tx| Arc::new(Transaction::trust_own_log(tx)));
        let body: Transactions = shared.collect();
        if !self.chain.import_body(trail.id, body.clone()) {
            self.restored.insert(trail.id, body);
        }
        self.writes.logged(trail.id);
        Some(trail)
    }

    fn restore_certificate(
        &mut self,
        id: Hash,
        certificate: Certificate,
    ) -> Option<consensus::Input> {
        let new = self.chain.certified(id, &certificate);
        new.then_some(consensus::Input::Certified { id, certificate })
    }

    /// Tells the engine of a certificate that the rules accepted. In the log it stands after its
    /// block, or in it: a block that is not yet there will bring it.
    pub(crate) fn certificate(&mut self, id: Hash, certificate: Certificate) {
        if self.writes.holds(&id) || self.chain.base().id == id {
            let append = Append::Certificate { id, certificate: certificate.clone() };
            self.commit(Promise::Nothing, vec![append], None);
        }
        self.facts.push_back(consensus::Input::Certified { id, certificate });
    }

    /// Tells the engine, and those who watch, that `id` is invalid, and with it all `ids`: none if
    /// that is no news.
    pub(crate) fn condemned(&mut self, id: Hash, ids: Vec<Hash>, why: String) {
        if ids.is_empty() {
            return;
        }
        self.facts.extend(ids.into_iter().map(|id| consensus::Input::Condemned { id }));
        self.out.push_back(Output::Event(crate::Event::Condemned { id, why }));
    }
}
