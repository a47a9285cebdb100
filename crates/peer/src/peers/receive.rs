//! What comes in: cut into frames, admitted, decoded, handed to its duty.
use super::{Connection, Peers};
use crate::frame::{Admission, Frames};
use crate::handshake::{BEFORE_HELLO, Stays, which_stays};
use crate::kind::{self, Manner};
use crate::serve::Ask;
use crate::{
    Direction, HANDSHAKE_FRAME_BYTES_MAX, Hello, Message, Output, SKIPPED_FRAME_BYTES_MAX,
    Violation,
};
use alloc::vec::Vec;
use core::mem;
use isonomy_crypto::Hash;
use isonomy_types::{Decode, Entry, Link};

impl Peers {
    pub(super) fn received(&mut self, link: Link, bytes: &[u8]) {
        if let Some(connection) = self.links.get_mut(&link) {
            let info = &mut connection.info;
            info.bytes_in = info.bytes_in.saturating_add(bytes.len() as u64);
            self.received = self.received.saturating_add(bytes.len() as u64);
        }
        let mut rest = bytes;
        while !rest.is_empty() && self.links.contains_key(&link) {
            let frame = self.frame(link, &mut rest);
            let done = frame.and_then(|frame| frame.map_or(Ok(()), |f| self.message(link, &f)));
            if let Err(why) = done {
                self.out.close(link, why);
            }
            self.serve.settle(self.now, link, &mut self.out);
            self.settle();
        }
    }

    fn frame(&mut self, link: Link, rest: &mut &[u8]) -> Result<Option<Vec<u8>>, Violation> {
        let Some(connection) = self.links.get_mut(&link) else { return Ok(None) };
        let mut frames = mem::replace(&mut connection.frames, Frames::new());
        let frame = frames.read(rest, |kind, length| self.admit(link, kind, length));
        if let Some(connection) = self.links.get_mut(&link) {
            let half = frames.coming().is_some();
            connection.half = half.then(|| connection.half.unwrap_or(self.now));
            connection.frames = frames;
        }
        frame
    }

    /// Judges a frame by its kind and length, before anything of it is held.
    fn admit(&mut self, link: Link, kind: u8, got: usize) -> Result<Admission, Violation> {
        if self.handshake.is_waiting(link) {
            let limit = HANDSHAKE_FRAME_BYTES_MAX;
            return match kind {
                _ if got > limit => Err(Violation::FrameTooLong { got, limit }),
                kind::HELLO => Ok(Admission::Keep),
                _ => Err(BEFORE_HELLO),
            };
        }
        let known = kind::of(kind);
        let limit = known.map_or(SKIPPED_FRAME_BYTES_MAX, |(limit, _)| limit);
        if got > limit {
            return Err(Violation::FrameTooLong { got, limit });
        }
        match known {
            None => {
                self.budget.skip(self.now, link, kind, got)?;
                return Ok(Admission::Skip);
            }
            Some((_, Manner::News)) => self.budget.charge(self.now, link, got)?,
            Some((_, Manner::Question)) => {}
            Some((_, Manner::Answer)) => self.expected(link, kind)?,
        }
        Ok(Admission::Keep)
    }

    /// Large answers must have been asked for before a byte of them is held.
    fn expected(&self, link: Link, kind: u8) -> Result<(), Violation> {
        let (expected, what) = match kind {
            kind::HEADERS => (self.headers.expected(link), "headers"),
            kind::BODY => (self.bodies.expected(link), "body"),
            kind::TRANSACTIONS => (self.requests.expected(link), "transactions"),
            _ => return Ok(()),
        };
        expected.then_some(()).ok_or(Violation::Unrequested(what))
    }

    fn message(&mut self, link: Link, frame: &[u8]) -> Result<(), Violation> {
        if self.handshake.is_waiting(link) {
            let hello = self.handshake.received(link, frame, &self.config)?;
            return self.greeted(link, hello);
        }
        let now = self.now;
        self.keepalive.heard(now, link);
        let message =
            Message::decode_exact(frame).map_err(|error| Violation::Malformed(error.0))?;
        match message {
            Message::Hello(_) => Err(Violation::OutOfTurn("a second hello")),
            Message::Ping { nonce } => {
                self.out.send(link, &Message::Pong { nonce });
                Ok(())
            }
            Message::Pong { nonce } => self.keepalive.pong(link, nonce),
            Message::GetHeaders { locator } => {
                self.serve.asked(link, Ask::Headers(locator.into_vec()))
            }
            Message::Headers { entries } => {
                self.headers.answered(now, link, &mut self.out)?;
                self.entries(link, entries.into_vec(), true);
                Ok(())
            }
            Message::NewHeaders { entries } => {
                self.entries(link, entries.into_vec(), false);
                Ok(())
            }
            Message::GetBody { id } => self.serve.asked(link, Ask::Body(id)),
            Message::Body { id, bytes } => self.bodies.arrived(now, link, id, bytes, &mut self.out),
            Message::NoBody { id } => self.bodies.refused(now, link, id),
            Message::Announce { ids } => {
                self.announced(link, ids.into_vec());
                Ok(())
            }
            Message::GetTransactions { ids } => {
                self.serve.asked(link, Ask::Transactions(ids.into_vec()))
            }
            Message::Transactions { items } => {
                self.announcements.knows(link, items.iter().map(|(id, _)| id));
                self.requests.arrived(now, link, items, &mut self.chance, &mut self.out)
            }
            Message::GetAddresses => {
                self.addresses.asked(now, link)?;
                self.serve.asked(link, Ask::Addresses)
            }
            Message::Addresses { addresses } => {
                self.addresses.answered(now, link)?;
                self.out.emit(Output::Addresses { link, addresses: addresses.into_vec() });
                Ok(())
            }
            Message::Engine { message } => {
                self.out.emit(Output::Engine { link, message });
                Ok(())
            }
        }
    }

    /// Hello has come and fits: the link is ready, unless another that leads to the same node stays.
    fn greeted(&mut self, link: Link, hello: Hello) -> Result<(), Violation> {
        let Some(connection) = self.links.get_mut(&link) else { return Ok(()) };
        connection.nonce = hello.nonce;
        let (remote, newer) = (connection.info.remote, connection.info.direction);
        let others: Vec<Link> = self.ready_to(remote).collect();
        let mut beaten = Vec::new();
        for other in others {
            let Some(Connection { info, nonce, .. }) = self.links.get(&other) else { continue };
            match which_stays((info.direction, *nonce), (newer, hello.nonce), self.config.nonce) {
                Stays::Older => return Err(Violation::Duplicate),
                Stays::Newer => beaten.push(other),
                Stays::Undecided => self.handshake.dialled_twice(self.now, link),
            }
        }
        beaten.into_iter().for_each(|other| self.out.close(other, Violation::Duplicate));
        self.ready(link, newer, hello);
        Ok(())
    }

    fn ready(&mut self, link: Link, direction: Direction, hello: Hello) {
        let Some(connection) = self.links.get_mut(&link) else { return };
        let info = &mut connection.info;
        (info.ready, info.height, info.agent) = (true, hello.height, hello.agent);
        if direction == Direction::Inbound {
            let port = hello.listening.filter(|port| *port != 0);
            info.address = info.address.zip(port).map(|(host, port)| host.with_port(port));
        }
        let (remote, height, now) = (info.remote, info.height, self.now);
        self.keepalive.ready(now, link);
        self.budget.ready(now, link, &self.config.limits);
        self.serve.ready(now, link, self.config.limits.answers_per_s);
        self.headers.ready(link);
        self.bodies.ready(link);
        self.announcements.ready(link);
        self.requests.ready(link, direction);
        self.addresses.ready(link);
        self.out.emit(Output::Ready { link, remote, direction, height });
    }

    fn entries(&mut self, link: Link, entries: Vec<Entry>, solicited: bool) {
        for entry in &entries {
            let id = entry.header.id();
            self.headers.shown(link, id, entry);
            self.bodies.shown(link, &id);
        }
        let highest = entries.iter().map(|entry| entry.header.height).max().unwrap_or(0);
        if let Some(connection) = self.links.get_mut(&link) {
            connection.info.height = connection.info.height.max(highest);
        }
        self.out.emit(Output::Headers { link, entries, solicited });
    }

    fn announced(&mut self, link: Link, ids: Vec<Hash>) {
        self.announcements.knows(link, ids.iter());
        self.out.emit(Output::Announced { link, ids });
    }
}
