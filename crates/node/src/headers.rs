//! Headers: received, waited for, checked in jobs, imported, asked for, answered.
use crate::jobs::Subject;
use crate::limits::{EARLY_HEADERS_MAX, HEADERS_READ_BYTES_MAX, LINK_RUNS_MAX};
use crate::{Job, Node};
use alloc::{boxed::Box, vec, vec::Vec};
use isonomy_chain::HeaderRefused;
use isonomy_consensus::{self as consensus, Followed, Trail, Valid};
use isonomy_crypto::Hash;
use isonomy_peer::{HEADERS_MAX, Worth};
use isonomy_types::{Entry, Link};

/// Headers that came together.
pub(crate) struct Run {
    pub(crate) entries: Vec<Entry>,
    /// Whether they answer a question.
    pub(crate) solicited: bool,
}

impl Node {
    pub(crate) fn headers(&mut self, link: Link, run: Run) {
        if self.jobs.follows(link) {
            let waiting = self.runs.entry(link).or_default();
            if waiting.len() < LINK_RUNS_MAX {
                waiting.push_back(run);
            }
            return;
        }
        self.check_run(link, run);
        self.source_was_heard(link);
    }

    fn check_run(&mut self, link: Link, run: Run) {
        let Run { entries, solicited } = run;
        let more = solicited && entries.len() > 1;
        let entries = self.wait_for_the_future(link, entries);
        if entries.is_empty() {
            return;
        }
        match self.chain.follow(entries) {
            Ok(follow) => {
                let subject = Subject::Follow { link, more };
                self.job(subject, Job::Follow(Box::new(follow)));
            }
            Err(HeaderRefused::Known) => {}
            // An answer that leads nowhere is not worth the same question again.
            Err(HeaderRefused::Orphan { .. } | HeaderRefused::AuthorityUnknown) if !solicited => {
                self.want_headers(link, self.top().id);
            }
            Err(HeaderRefused::Condemned) => {
                self.peers.worth(link, Worth::Bad("a header on a condemned block".into()));
            }
            Err(_) => {}
        }
    }

    /// Keeps back what is dated later than now, and returns what comes before it.
    fn wait_for_the_future(&mut self, link: Link, mut entries: Vec<Entry>) -> Vec<Entry> {
        let wall = self.now.wall;
        let ripe = entries.iter().take_while(|entry| entry.header.time <= wall).count();
        for entry in entries.split_off(ripe) {
            self.early.insert((entry.header.time, entry.header.id()), (link, entry));
            if self.early.len() > EARLY_HEADERS_MAX {
                self.early.pop_last();
            }
        }
        entries
    }

    /// Takes those whose time has come as if they were received now.
    pub(crate) fn ripen(&mut self) {
        while let Some(first) = self.early.first_entry() {
            if first.key().0 > self.now.wall {
                break;
            }
            let (link, entry) = first.remove();
            self.headers(link, Run { entries: vec![entry], solicited: false });
        }
    }

    pub(crate) fn followed(&mut self, link: Link, more: bool, followed: Followed) {
        let Followed { valid, broken } = followed;
        let last = valid.last().map(|valid| valid.trail().id);
        let imported = valid.into_iter().filter(|valid| self.import(valid.clone())).count();
        if let Some((_, why)) = broken {
            self.peers.worth(link, Worth::Bad(alloc::format!("header: {why}")));
        } else if let Some(last) = last.filter(|_| more && imported > 0) {
            self.want_more_headers(link, last);
        }
        self.next_run(link);
    }

    pub(crate) fn next_run(&mut self, link: Link) {
        while !self.jobs.follows(link) {
            let Some(run) = self.runs.get_mut(&link).and_then(|runs| runs.pop_front()) else {
                self.runs.remove(&link);
                break;
            };
            self.check_run(link, run);
        }
        self.source_was_heard(link);
    }

    /// Whether the header is new.
    pub(crate) fn import(&mut self, valid: Valid) -> bool {
        let (id, certificate) = (valid.trail().id, valid.entry().certificate.clone());
        if let Some(id) = self.chain.make_room(valid.trail()) {
            self.facts.push_back(consensus::Input::Forgotten { id });
        }
        let had = self.chain.entry(&id).is_some_and(|entry| entry.certificate.is_some());
        let imported = self.chain.import(valid);
        let new = imported.is_ok();
        match imported {
            Ok(trail) => self.facts.push_back(consensus::Input::Header { trail }),
            Err(HeaderRefused::Known) => {}
            Err(_) => return false,
        }
        if let Some(certificate) = certificate.filter(|_| !had) {
            self.certificate(id, certificate);
        }
        new
    }

    /// The end of what is known of the most wanted branch. Its headers need not be asked for again
    /// while its blocks are still fetched and executed.
    pub(crate) fn top(&self) -> &Trail {
        let wanted = self.wanted.first().and_then(|id| self.chain.trail(id));
        wanted.unwrap_or(self.chain.best())
    }

    pub(crate) fn ask_headers(&mut self, link: Link, from: Hash) {
        self.peers.ask_headers(self.now, link, self.chain.locator(from));
    }

    /// From memory if the peer knows a block that is there, else from the archive.
    pub(crate) fn answer_headers(&mut self, link: Link, locator: Vec<Hash>) {
        match self.chain.after(&locator, HEADERS_MAX) {
            Some(entries) => self.peers.answer_headers(link, entries),
            None => {
                let (limit, limit_bytes) = (HEADERS_MAX, HEADERS_READ_BYTES_MAX);
                let read = Job::ReadHeaders { locator, limit, limit_bytes };
                self.job(Subject::ReadHeaders { link }, read);
            }
        }
    }
}
