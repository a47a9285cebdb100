//! What the floor above says: questions, answers, news, verdicts.
use super::Peers;
use crate::headers::fitting;
use crate::serve::Ask;
use crate::{BodyBytes, CloseReason, Message, NetAddress, PeerInfo, TransactionBytes};
use crate::{Violation, Worth};
use alloc::vec::Vec;
use isonomy_crypto::Hash;
use isonomy_types::{EngineMessage, Entry, Link, List, Mono, Now};

impl Peers {
    /// The height of our best block, for hellos to come.
    pub const fn set_height(&mut self, height: u64) {
        self.handshake.set_height(height);
    }

    /// Asks what follows the first of `locator` that `link` knows. One question at a time: the
    /// newest waits until the one before is answered. Only the first
    /// [`LOCATOR_MAX`](crate::LOCATOR_MAX) hashes are sent.
    pub fn ask_headers(&mut self, now: Now, link: Link, locator: Vec<Hash>) {
        self.advance(now);
        self.headers.ask(self.now, link, locator, &mut self.out);
        self.settle();
    }

    /// Whether `link` was asked for headers and has not answered.
    #[must_use]
    pub fn owes_headers(&self, link: Link) -> bool {
        self.headers.expected(link)
    }

    /// Answers [`Output::HeadersAsked`](crate::Output::HeadersAsked), with nothing if nothing
    /// follows. What does not fit one frame is cut off: the peer asks again from there.
    pub fn answer_headers(&mut self, link: Link, entries: Vec<Entry>) {
        self.answer(link, |ask| matches!(ask, Ask::Headers(_)), |_| fitting(entries));
    }

    /// Answers [`Output::BodyAsked`](crate::Output::BodyAsked).
    pub fn answer_body(&mut self, link: Link, id: Hash, bytes: BodyBytes) {
        self.answer(link, |ask| *ask == Ask::Body(id), |_| Message::Body { id, bytes });
    }

    /// Answers [`Output::BodyAsked`](crate::Output::BodyAsked): not here (any more).
    pub fn answer_no_body(&mut self, link: Link, id: Hash) {
        self.answer(link, |ask| *ask == Ask::Body(id), |_| Message::NoBody { id });
    }

    /// Bodies wanted, in order of need. Replaces the former wish, so say it again without those
    /// that came: one that came and stays wanted is asked for again after a while, or as soon as
    /// the link that sent it is closed. At most 1024 count.
    pub fn want(&mut self, now: Now, ids: Vec<Hash>) {
        self.advance(now);
        self.bodies.want(ids);
        self.settle();
    }

    /// Shows a header to every ready peer that has neither shown nor been shown it. The same
    /// header with a certificate counts as news once more.
    pub fn announce(&mut self, entry: &Entry) {
        self.headers.announce(entry, &mut self.out);
        self.settle();
    }

    /// Of what `link` announced, what is unknown here. Each id is asked of one link at a time;
    /// others who announce it are asked if that one fails.
    pub fn request_transactions(&mut self, now: Now, link: Link, ids: Vec<Hash>) {
        self.advance(now);
        self.requests.request(self.now, link, ids, &mut self.chance, &mut self.out);
        self.settle();
    }

    /// What came under this id was no good, though its sender need not be to blame: the next
    /// announcer is asked. Without this call that happens when the sender's link is closed.
    pub fn retry_transaction(&mut self, now: Now, id: Hash) {
        self.advance(now);
        self.requests.retry(self.now, id, &mut self.chance, &mut self.out);
        self.settle();
    }

    /// Announces transactions, in a moment and once, to every ready peer that does not know them.
    /// `from` is who sent them.
    pub fn announce_transactions(&mut self, now: Now, ids: Vec<Hash>, from: Option<Link>) {
        self.advance(now);
        let hears = |link| Some(link) != from;
        self.announcements.announce(self.now, &ids, hears, &mut self.chance);
    }

    /// Announces transactions to one ready peer, in a moment and once: all that wait, to one that has
    /// just become ready.
    pub fn announce_transactions_to(&mut self, now: Now, ids: Vec<Hash>, link: Link) {
        self.advance(now);
        self.announcements.announce(self.now, &ids, |other| other == link, &mut self.chance);
    }

    /// Announces transactions that a reorganisation gave back, also to peers that knew them: they
    /// may have let them go when a block held them.
    pub fn announce_again(&mut self, now: Now, ids: Vec<Hash>) {
        self.announcements.forget(&ids);
        self.announce_transactions(now, ids, None);
    }

    /// Answers [`Output::TransactionsAsked`](crate::Output::TransactionsAsked) with those that are
    /// there. What was not asked is left out.
    pub fn answer_transactions(
        &mut self,
        link: Link,
        mut transactions: Vec<(Hash, TransactionBytes)>,
    ) {
        let answer = |ask| {
            let mut asked = match ask {
                Ask::Transactions(ids) => ids,
                Ask::Headers(_) | Ask::Body(_) | Ask::Addresses => Vec::new(),
            };
            transactions.retain(|(id, _)| {
                let place = asked.iter().position(|asked| asked == id);
                place.map(|place| asked.swap_remove(place)).is_some()
            });
            Message::Transactions { items: List::truncated(transactions) }
        };
        self.answer(link, |ask| matches!(ask, Ask::Transactions(_)), answer);
    }

    /// Asks for addresses, unless that was done in the last minute.
    pub fn ask_addresses(&mut self, now: Now, link: Link) {
        self.advance(now);
        self.addresses.ask(self.now, link, &mut self.out);
        self.settle();
    }

    /// Answers [`Output::AddressesAsked`](crate::Output::AddressesAsked) with at most
    /// [`ADDRESSES_MAX`](crate::ADDRESSES_MAX).
    pub fn answer_addresses(&mut self, link: Link, addresses: Vec<NetAddress>) {
        let addresses = addresses.into_iter().map(NetAddress::canonical).collect();
        let addresses = List::truncated(addresses);
        self.answer(link, |ask| *ask == Ask::Addresses, |_| Message::Addresses { addresses });
    }

    /// An engine's message to every ready peer, once for each key until it expires.
    pub fn relay(&mut self, now: Now, key: Hash, expires: Mono, message: EngineMessage) {
        self.advance(now);
        if self.relay.first(self.now, key, expires) {
            let ready = self.links.values().filter(|connection| connection.info.ready);
            let links = ready.map(|connection| connection.info.link);
            self.out.send_all(links, &Message::Engine { message });
            self.settle();
        }
    }

    /// An engine's message to one ready peer.
    pub fn send(&mut self, link: Link, message: EngineMessage) {
        if self.links.get(&link).is_some_and(|connection| connection.info.ready) {
            self.out.send(link, &Message::Engine { message });
            self.settle();
        }
    }

    /// What something from `link` turned out to be worth. If it was bad, hangs up.
    pub fn worth(&mut self, link: Link, worth: Worth) {
        match worth {
            Worth::Good => {
                if let Some(connection) = self.links.get_mut(&link) {
                    connection.info.useful = connection.info.useful.saturating_add(1);
                }
            }
            Worth::Bad(why) => self.close(link, Violation::Content(why).into()),
        }
    }

    /// Hangs up.
    pub fn close(&mut self, link: Link, why: CloseReason) {
        self.out.close(link, why);
        self.settle();
    }

    /// Every open link, in order.
    pub fn links(&self) -> impl Iterator<Item = PeerInfo> + '_ {
        self.links.keys().filter_map(|link| self.info(*link))
    }

    /// One open link.
    #[must_use]
    pub fn info(&self, link: Link) -> Option<PeerInfo> {
        let info = &self.links.get(&link)?.info;
        Some(PeerInfo { bytes_out: self.out.sent(link), ..info.clone() })
    }

    /// Answers the question of `link` that was handed up, if it is this one, and takes the next.
    fn answer(
        &mut self,
        link: Link,
        fits: impl Fn(&Ask) -> bool,
        message: impl FnOnce(Ask) -> Message,
    ) {
        if let Some(ask) = self.serve.answer(link, fits) {
            self.out.send(link, &message(ask));
            self.serve.settle(self.now, link, &mut self.out);
            self.settle();
        }
    }
}
