//! What members say and sign, and the header rules: a round's leader seals, more than two thirds
//! of the power certify.
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_consensus::{Broken, MEMORY_BYTES_MAX, Rules, SealError, Step, Trail};
use isonomy_crypto::{Claim, Domain, Hash, PublicKey, Signature, verify_all};
use isonomy_types::{
    Authority, Blob, Certificate, Committee, Decode, Encode, Header, List, MEMBERS_MAX,
};

const STATEMENT: Domain = Domain::new("toy bft statement 1");

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) enum Phase {
    /// I am in this round. Says nothing else, so `what` is zero.
    Enter,
    /// The leader names a block: a new one by its seal hash, one of an earlier round by its id.
    Propose,
    Prepare,
    Commit,
}

/// All that is ever signed. An honest key signs one `what` for each height, round and phase.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) struct Statement {
    pub(crate) height: u64,
    pub(crate) round: u32,
    pub(crate) phase: Phase,
    pub(crate) what: Hash,
}

impl Statement {
    pub(crate) fn to_sign(self) -> Hash {
        self.digest(&STATEMENT)
    }
}

/// A statement and whose it is: the one message of the protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) struct Signed {
    pub(crate) statement: Statement,
    pub(crate) key: PublicKey,
    pub(crate) signature: Signature,
}

impl Signed {
    pub(crate) fn claim(&self) -> Claim {
        Claim { key: self.key, digest: self.statement.to_sign(), signature: self.signature }
    }
}

/// Who said one and the same thing, in ascending order: a certificate, if it is a commit.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) struct Proof {
    pub(crate) round: u32,
    pub(crate) votes: List<(PublicKey, Signature), MEMBERS_MAX>,
}

impl Proof {
    fn check(&self, committee: &Committee, height: u64, id: Hash) -> Result<(), &'static str> {
        let keys = || self.votes.iter().map(|(key, _)| *key);
        if !keys().zip(keys().skip(1)).all(|(before, after)| before < after) {
            return Err("the votes are out of order");
        }
        if keys().any(|key| committee.power_of(&key) == 0) {
            return Err("a stranger votes");
        }
        if !enough(committee, keys()) {
            return Err("two thirds of the power or less");
        }
        let (round, phase) = (self.round, Phase::Commit);
        let digest = Statement { height, round, phase, what: id }.to_sign();
        let claims = self.votes.iter().map(|&(key, signature)| Claim { key, digest, signature });
        verify_all(&claims.collect::<Vec<_>>()).map_err(|_| "a signature is wrong")
    }
}

/// Whether these, each named once, are so many that two such groups share an honest one.
pub(crate) fn enough(committee: &Committee, keys: impl Iterator<Item = PublicKey>) -> bool {
    power(committee, keys) * 3 > committee.power() * 2
}

pub(crate) fn power(committee: &Committee, keys: impl Iterator<Item = PublicKey>) -> u128 {
    keys.map(|key| u128::from(committee.power_of(&key))).sum()
}

pub(crate) fn leader(committee: &Committee, height: u64, round: u32) -> Option<PublicKey> {
    let turn = height.checked_add(round.into())?;
    let index = turn.checked_rem(committee.members().len() as u64)?;
    committee.members().get(usize::try_from(index).ok()?).map(|member| member.key)
}

/// What a block's seal holds. The signature is under the proposal of a new block in this round.
#[derive(BorshSerialize, BorshDeserialize)]
pub(crate) struct LeaderSeal {
    pub(crate) round: u32,
    pub(crate) signature: Signature,
}

/// What a block's trail remembers of its header, so that engines know the proposal it came by.
#[derive(Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Origin {
    pub(crate) round: u32,
    pub(crate) seal_hash: Hash,
}

impl Origin {
    pub(crate) fn of(trail: &Trail) -> Option<Self> {
        Self::decode_exact(&trail.memory).ok()
    }
}

pub(crate) struct Rounds;

impl Rules for Rounds {
    fn step(&self, _: &Trail, authority: &Authority, header: &Header) -> Result<Step, Broken> {
        let seal = LeaderSeal::decode_exact(&header.seal);
        let LeaderSeal { round, signature } =
            seal.map_err(|_| Broken::Seal(SealError::Other("not a leader's")))?;
        let key = leader(&authority.committee, header.height, round)
            .ok_or(Broken::Seal(SealError::Other("nobody leads")))?;
        let what = header.seal_hash();
        let statement = Statement { height: header.height, round, phase: Phase::Propose, what };
        let sealed = Signed { statement, key, signature }.claim().verify();
        sealed.map_err(|_| Broken::Seal(SealError::Other("not signed by the leader")))?;
        let memory = Blob::truncated(Origin { round, seal_hash: what }.encode());
        Ok(Step { weight: 1, memory })
    }

    fn certified(
        &self,
        authority: &Authority,
        block: &Trail,
        certificate: &Certificate,
    ) -> Result<(), Broken> {
        let proof =
            Proof::decode_exact(certificate).map_err(|_| Broken::Certificate("no proof"))?;
        let checked = proof.check(&authority.committee, block.height, block.id);
        checked.map_err(Broken::Certificate)
    }

    fn begin(&self, _: &Header) -> Blob<MEMORY_BYTES_MAX> {
        Blob::default()
    }
}
