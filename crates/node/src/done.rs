//! What jobs came to. A subject that is gone makes the answer a no-op.
use crate::jobs::{From, Subject};
use crate::machine::Recheck;
use crate::{Done, JobId, Node, Output};
use isonomy_consensus as consensus;
use isonomy_peer::BodyBytes;
use isonomy_types::{Encode, Link};

impl Node {
    pub(crate) fn done(&mut self, id: JobId, done: Done) {
        let Some(subject) = self.jobs.end(id) else { return };
        if let Done::Executed(result) = &done {
            self.count_reads(result);
        }
        match (subject, done) {
            (Subject::Follow { link, more }, Done::Followed(followed)) => {
                self.followed(link, more, followed);
            }
            (Subject::Body { link, id }, Done::Body(result)) => self.body(link, id, result),
            (Subject::Admit { tip, from }, Done::Admitted(results)) => {
                self.admitted(tip, from, results);
            }
            (Subject::Execute(id), Done::Executed(result)) => self.executed(id, result),
            (Subject::Template { ask, parent, time }, Done::Executed(Ok(executed))) => {
                self.template(ask, parent, time, executed);
            }
            (Subject::Mine(ask), Done::Mined(nonce)) => {
                self.facts.push_back(consensus::Input::Mined { ask, nonce });
            }
            (Subject::Verify(ask), Done::Verified(valid)) => {
                self.facts.push_back(consensus::Input::Verified { ask, valid });
            }
            (Subject::Sign(ask), Done::Signed(signature)) => {
                self.facts.push_back(consensus::Input::Signed { ask, signature });
            }
            (Subject::ReadBody { link, id }, Done::ReadBody(Ok(Some(body)))) => {
                self.peers.answer_body(link, id, BodyBytes::truncated(body.encode()));
            }
            (Subject::ReadHeaders { link }, Done::ReadHeaders(Ok(entries))) => {
                self.peers.answer_headers(link, entries);
            }
            (subject, _) => self.failed(subject),
        }
    }

    /// A job that failed, or whose answer is no longer awaited: whoever asked hears so.
    pub(crate) fn failed(&mut self, subject: Subject) {
        match subject {
            Subject::Follow { link, .. } => self.next_run(link),
            Subject::Body { .. } => self.advance(),
            Subject::Admit { from: From::Pool, .. } => {
                self.recheck = Recheck::Idle;
                self.recheck_pool();
            }
            Subject::Admit { from: From::Disk, .. } => self.waited.judged(),
            Subject::Admit { from, .. } => self.unready(from),
            Subject::Execute(id) => {
                self.running.remove(&id);
            }
            Subject::Template { ask, .. }
            | Subject::Mine(ask)
            | Subject::Verify(ask)
            | Subject::Sign(ask) => self.facts.push_back(consensus::Input::Failed { ask }),
            Subject::ReadBody { link, id } => self.peers.answer_no_body(link, id),
            Subject::ReadHeaders { link } => self.peers.answer_headers(link, Default::default()),
        }
    }

    /// What was kept for a link that is gone.
    pub(crate) fn lost(&mut self, link: Link) {
        for id in self.jobs.reads(link) {
            self.jobs.end(id);
            self.out.push_back(Output::Cancel(id));
        }
        self.runs.remove(&link);
        self.early.retain(|_, (of, _)| *of != link);
        self.source_is_lost(link);
        self.book.closed(self.now.mono, link);
    }
}
