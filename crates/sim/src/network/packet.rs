use isonomy_types::Link;
use std::sync::Arc;

/// Who is at an end of a link.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Party {
    Host(usize),
    Outsider(usize),
}

/// One end of a link. The two ends have different names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct End {
    pub(crate) party: Party,
    pub(crate) link: Link,
}

#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) from: End,
    pub(crate) to: End,
    pub(crate) load: Load,
}

#[derive(Clone, Debug)]
pub(crate) enum Load {
    Data {
        seq: u64,
        bytes: Arc<[u8]>,
    },
    /// All before `next` have come.
    Ack {
        next: u64,
    },
    /// There is no such link at this end.
    Reset,
}

/// What a packet means for the owner of the end that it came to.
#[derive(Debug)]
pub(crate) enum Report {
    Received(Vec<u8>),
    Writable(usize),
    Closed,
}
