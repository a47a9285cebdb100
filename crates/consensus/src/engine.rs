use crate::{Trail, pow::Mine};
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use isonomy_crypto::{Claim, Hash, PublicKey, Signature};
use isonomy_types::{
    Authority, Blob, Certificate, EngineMessage, Header, Link, Mono, NodeKey, Now, Seal,
};

/// Bytes of one record: an engine's votes of one view, with a certificate, many times over.
pub const RECORD_BYTES_MAX: usize = 65_536;
/// Bytes of one proof of misbehaviour: two signed statements that contradict each other.
pub const EVIDENCE_BYTES_MAX: usize = 4_096;

/// The engine's own name for something it asked for; comes back with the answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Ask(pub u64);

/// What an engine must remember through a crash. Opaque to all but engines.
pub type Record = Blob<RECORD_BYTES_MAX>;

/// What an engine is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// First of all, and once: what the store recovered.
    Restored {
        /// The flushed block. It is executed.
        tip: Trail,
        /// Binds the child of `tip`.
        authority: Arc<Authority>,
        /// The headers that the log holds above `tip`, parents first. None is executed yet.
        above: Vec<Trail>,
        /// Every record of a height above that of `tip`, oldest first.
        records: Vec<Record>,
    },
    /// Valid by the rules, its time has come, parents first. The body may be missing.
    Header {
        /// What the rules made of it.
        trail: Trail,
    },
    /// The rules accepted a certificate that travelled beside a header.
    Certified {
        /// The block it proves final.
        id: Hash,
        /// The proof.
        certificate: Certificate,
    },
    /// The state after this block exists. One's own block is durable by then.
    Executed {
        /// Which.
        id: Hash,
        /// Binds its child.
        authority: Arc<Authority>,
    },
    /// Invalid for good, and so is all that descends from it.
    Condemned {
        /// Which.
        id: Hash,
    },
    /// There was no room for this header any more: as if it had never been told. It is not executed,
    /// no other stands on it, and it may be told again.
    Forgotten {
        /// Which.
        id: Hash,
    },
    /// Answers [`Output::Propose`]: an executed template, without a seal.
    Proposed {
        /// The ask.
        ask: Ask,
        /// The header to seal.
        header: Box<Header>,
    },
    /// Answers an ask of any kind that was not carried out: there is no template, the key is not
    /// held, the answer was lost. Nothing else is known.
    Failed {
        /// The ask.
        ask: Ask,
    },
    /// Answers [`Output::Mine`].
    Mined {
        /// The ask.
        ask: Ask,
        /// What meets the target, if one of the tries did.
        nonce: Option<u64>,
    },
    /// Answers [`Output::Verify`].
    Verified {
        /// The ask.
        ask: Ask,
        /// Whether every claim holds.
        valid: bool,
    },
    /// Answers [`Output::Sign`].
    Signed {
        /// The ask.
        ask: Ask,
        /// None if the host does not hold the key, or refused.
        signature: Option<Signature>,
    },
    /// Answers [`Output::Record`]: it is durable.
    Recorded {
        /// The ask.
        ask: Ask,
    },
    /// A peer's engine says something.
    Message {
        /// Whose connection it came by.
        from: Link,
        /// What it says.
        message: EngineMessage,
    },
    /// The deadline has come.
    Tick,
}

/// What an engine wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// The blocks to execute, the most wanted first: the node fetches and executes what is missing
    /// on the way to them. Each list replaces the last, so nothing needs to be cancelled.
    Want(Vec<Hash>),
    /// The executed block to build on and to answer queries from.
    Best(Hash),
    /// Nothing at or below this block is expected to change: the state may be flushed up to here.
    Base(Hash),
    /// Never reorganised. Implies [`Output::Base`].
    Final {
        /// Which.
        id: Hash,
        /// The proof, where there is one.
        certificate: Option<Certificate>,
    },
    /// A template on an executed parent. Answered by [`Input::Proposed`] or
    /// [`Input::Failed`].
    Propose {
        /// The ask.
        ask: Ask,
        /// The parent.
        parent: Hash,
    },
    /// Completes the template of this ask: the node puts the seal in, imports the block, makes it
    /// durable, then says [`Input::Executed`].
    Seal {
        /// The ask of the template.
        ask: Ask,
        /// The seal.
        seal: Seal,
    },
    /// A slice of a search. Answered by [`Input::Mined`].
    Mine {
        /// The ask of the template.
        ask: Ask,
        /// The search.
        mine: Mine,
    },
    /// A signature. Answered by [`Input::Signed`].
    Sign {
        /// The ask.
        ask: Ask,
        /// Whose.
        key: PublicKey,
        /// Over what.
        digest: Hash,
    },
    /// Signatures to check. Answered by [`Input::Verified`].
    Verify {
        /// The ask.
        ask: Ask,
        /// All must hold.
        claims: Vec<Claim>,
    },
    /// The answer to this ask is no longer of use. It may come all the same.
    Cancel {
        /// The ask.
        ask: Ask,
    },
    /// To be made durable. Answered by [`Input::Recorded`].
    Record {
        /// The ask.
        ask: Ask,
        /// May be forgotten once a block of this height is flushed.
        height: u64,
        /// What to keep.
        record: Record,
    },
    /// A message to one peer.
    Send {
        /// Its connection.
        link: Link,
        /// The message.
        message: EngineMessage,
    },
    /// Shows the header, and what stands beside it, to every peer.
    Announce(Hash),
    /// A message to every peer, once for each `key`.
    Relay {
        /// Names the message.
        key: Hash,
        /// No use to anybody after this moment.
        expires: Mono,
        /// The message.
        message: EngineMessage,
    },
    /// A peer broke the engine's protocol.
    Blame {
        /// Its connection.
        link: Link,
        /// How.
        why: &'static str,
    },
    /// A proof that a key signed what it must not.
    Evidence {
        /// The key.
        offender: PublicKey,
        /// The proof, which the chain's modules can read.
        proof: Blob<EVIDENCE_BYTES_MAX>,
    },
    /// Peers to be connected with, for example the committee. Each list replaces the last.
    WantPeers(Vec<NodeKey>),
    /// Going on would give a wrong state: the node stops. The last output of an engine.
    Halt {
        /// For the operator.
        why: String,
    },
}

/// A machine like the node: told the time, told facts, asked what it wants.
///
/// # Contract
/// - [`Input::Restored`] comes first, and once. Its records are those that this engine wrote.
/// - A header comes after its parent; [`Input::Certified`], [`Input::Executed`] and
///   [`Input::Condemned`] come after the header. A block's parent is executed before it is.
/// - `Propose` is answered by `Proposed`, `Mine` by `Mined`, `Sign` by `Signed`, `Verify` by
///   `Verified`, `Record` by `Recorded`, and each of them by `Failed`; the answer carries the ask.
/// - Answers come in any order. A cancelled ask may still be answered; any answer may never come,
///   and an engine must go on without it. An answer to an ask that it does not know, or no longer
///   wants, changes nothing.
/// - `handle` is infallible: whatever a peer caused is data, and no input causes a panic.
/// - After each `handle`, `poll` until `None` and act on each output, in order, before the next
///   `handle`. What arises on the way waits until the engine is silent.
/// - When [`Engine::deadline`] has come, the node says [`Input::Tick`]. It may do so earlier.
/// - A record is durable only after every block that was `Executed` before it was asked for: who
///   votes for a block holds it, even if all crash at once.
/// - `Best` names executed blocks alone; `Base` and `Final` name best or a block below it, and are
///   not flushed before. `Want` never names a condemned one. After `Halt` there is silence.
pub trait Engine: Send {
    /// Takes in one fact. `now.mono` never goes back.
    fn handle(&mut self, now: Now, input: Input);
    /// The next thing it wants, or `None` when it waits for the next `handle`.
    fn poll(&mut self) -> Option<Output>;
    /// When it next wants a [`Input::Tick`], if ever.
    fn deadline(&self) -> Option<Mono>;
}
