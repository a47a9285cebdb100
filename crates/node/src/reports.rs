//! What the peer protocol reports.
use crate::headers::Run;
use crate::jobs::Subject;
use crate::{Config, Event, Job, Node, Output};
use isonomy_consensus as consensus;
use isonomy_crypto::{Domain, Hash};
use isonomy_peer::{self as peer, BodyBytes};
use isonomy_types::{Encode, Link};

/// Separates the peer protocol's randomness from the dialler's.
const PEER_SEED: Domain = Domain::new("isonomy node peer seed 1");

impl Node {
    pub(crate) fn peer_config(config: &Config) -> peer::Config {
        let seed = PEER_SEED.hash(&config.seed).to_bytes();
        let mut nonce = [0; 8];
        nonce.copy_from_slice(&PEER_SEED.hash(&seed).as_bytes()[..8]);
        peer::Config {
            genesis: config.genesis,
            nonce: u64::from_le_bytes(nonce),
            seed,
            listening: config.listening,
            limits: config.limits.peers.clone(),
        }
    }

    pub(crate) fn peers_report(&mut self, output: peer::Output) {
        match output {
            peer::Output::Send { link, bytes } => self.out.push_back(Output::Send { link, bytes }),
            peer::Output::Close { link, why } => {
                self.book.misbehaved(self.now.mono, link, &why);
                self.lost(link);
                self.distrust_arrivals(link);
                self.out.push_back(Output::Close { link, why: why.clone() });
                self.out.push_back(Output::Event(Event::Closed { link, why }));
            }
            peer::Output::Ready { link, remote, direction, .. } => {
                if let Some(address) = self.peers.info(link).and_then(|peer| peer.address) {
                    self.book.opened(address, link, direction, remote);
                }
                self.book.ready(self.now.mono, link);
                self.out.push_back(Output::Event(Event::Ready { link, remote, direction }));
                self.want_headers(link, self.top().id);
                self.peers.ask_addresses(self.now, link);
                // It alone: what all know of all would be gone through for each who calls.
                self.peers.announce_transactions_to(self.now, self.pool.ids(), link);
            }
            peer::Output::Headers { link, entries, solicited } => {
                self.headers(link, Run { entries, solicited });
            }
            peer::Output::LateHeaders { link } => self.source_is_late(link),
            peer::Output::HeadersAsked { link, locator } => self.answer_headers(link, locator),
            peer::Output::Body { link, id, bytes } => self.body_arrived(link, id, bytes),
            peer::Output::BodyAsked { link, id } => self.answer_body(link, id),
            peer::Output::Announced { link, ids } => self.announced(link, ids),
            peer::Output::TransactionsAsked { link, ids } => self.answer_transactions(link, &ids),
            peer::Output::Transactions { link, transactions } => self.received(link, transactions),
            peer::Output::Addresses { addresses, .. } => {
                addresses.into_iter().for_each(|address| self.book.heard(address));
            }
            peer::Output::AddressesAsked { link } => {
                let known = self.book.share();
                self.peers.answer_addresses(link, known);
            }
            // Their links are closed, or they are asked again, without the node's help.
            peer::Output::Lost { .. } | peer::Output::NoHolder { .. } => {}
            peer::Output::Engine { link, message } => {
                self.facts.push_back(consensus::Input::Message { from: link, message });
            }
        }
    }

    fn answer_body(&mut self, link: Link, id: Hash) {
        match self.chain.body(&id) {
            Some(body) => {
                self.peers.answer_body(link, id, BodyBytes::truncated(body.encode()));
            }
            None => drop(self.job(Subject::ReadBody { link, id }, Job::ReadBody(id))),
        }
    }
}
