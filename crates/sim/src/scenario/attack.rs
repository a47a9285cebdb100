use crate::wire::{frame, framed, hello};
use crate::{Dice, Sim};
use isonomy_crypto::Hash;
use isonomy_peer::Message;
use isonomy_types::{Blob, Entry, Header, List};
use serde::{Deserialize, Serialize};

/// What an outsider does once it is linked to a host. None of them says anything after that: what
/// is asked of them stays without an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attack {
    /// Says nothing.
    Silence,
    /// Sends random bytes.
    Noise,
    /// Shakes hands, then sends random bytes as a message.
    Nonsense,
    /// Announces transactions that it never sends.
    Stall,
    /// Announces headers that took no work.
    Idle,
    /// Sends more pings than anybody needs.
    Flood,
    /// Asks for headers again and again, and reads none of the answers.
    Deaf,
    /// Claims a message of four gigabytes.
    Huge,
}

impl Attack {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Silence,
        Self::Noise,
        Self::Nonsense,
        Self::Stall,
        Self::Idle,
        Self::Flood,
        Self::Deaf,
        Self::Huge,
    ];

    pub(super) fn begin(self, sim: &mut Sim, dice: &mut Dice, host: usize) {
        let outsider = sim.intrude(host);
        if self == Self::Deaf {
            sim.heed(outsider, false);
        }
        let genesis = sim.spec.genesis.tip.header.clone();
        sim.inject(outsider, &self.says(dice, &genesis));
    }

    fn says(self, dice: &mut Dice, genesis: &Header) -> Vec<u8> {
        let id = genesis.id();
        let hello = frame(&hello(id, dice.between(0, u64::MAX)));
        let first = |rest: Vec<u8>| [hello.clone(), rest].concat();
        match self {
            Self::Silence => Vec::new(),
            Self::Noise => noise(dice),
            Self::Nonsense => first(framed(&noise(dice))),
            Self::Stall => {
                let ids = (0..200).map(|_| Hash::from_bytes(dice.bytes())).collect();
                first(frame(&Message::Announce { ids: List::truncated(ids) }))
            }
            Self::Idle => {
                let seal = Blob::truncated(vec![0; 16]);
                let header = Header { parent: id, height: 1, seal, ..genesis.clone() };
                let entry = Entry { header, authority: None, certificate: None };
                first(frame(&Message::NewHeaders { entries: List::truncated(vec![entry]) }))
            }
            Self::Flood => first(frame(&Message::Ping { nonce: 1 }).repeat(20_000)),
            Self::Deaf => {
                let locator = List::truncated(vec![id]);
                first(frame(&Message::GetHeaders { locator }).repeat(400))
            }
            Self::Huge => first(vec![0xff; 5]),
        }
    }
}

fn noise(dice: &mut Dice) -> Vec<u8> {
    (0..dice.between(1, 40)).flat_map(|_| dice.bytes()).collect()
}
