use crate::{Draft, accounts, assets, price};
use isonomy_crypto::{Claim, Hash};
use isonomy_types::{Encode, TRANSACTION_BYTES_MAX, Transaction, Witness};

/// A rule that a transaction breaks. A number is a signer's place, if nothing else is said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rule {
    /// Nobody signs.
    NoSigner,
    /// Not one witness a signer.
    WitnessCount,
    /// An account signs twice.
    RepeatedSigner,
    /// An action by a signer who is not there.
    UnknownActor,
    /// Too many bytes.
    Large,
    /// The policy revealed cannot sign.
    PolicyCannotSign(usize),
    /// Not one place a key.
    SignaturePlaces(usize),
    /// Not as many signatures as the policy needs.
    SignatureCount(usize),
    /// A signature does not verify.
    Signature(usize),
    /// More bytes than the chain takes.
    Bytes,
    /// More signers than the chain takes.
    Signers,
    /// More actions than the chain takes.
    Actions,
    /// The payload of the action at this place has more bytes than the chain takes.
    Payload(usize),
    /// Its last height has passed.
    Expired,
    /// It offers less than the base fee.
    Price,
    /// Its meter limit is below what it costs to be there.
    Meter,
    /// Its meter limit does not fit the block.
    BlockMeter,
    /// Its bytes do not fit the block.
    BlockBytes,
    /// The policy revealed is not the account's.
    Policy(usize),
    /// The nonce is not its lane's next.
    Nonce(usize),
    /// The payer cannot cover the highest fee.
    Payer,
}

/// The rules that need no state. Signatures are verified if `signatures` says so.
#[must_use]
pub fn stateless(transaction: &Transaction, genesis: &Hash, signatures: bool) -> Vec<Rule> {
    let (intent, witnesses) = (transaction.intent(), transaction.witnesses());
    let accounts: Vec<_> = intent.signers.iter().map(|signer| signer.account).collect();
    let repeated = (1..accounts.len()).any(|at| accounts[..at].contains(&accounts[at]));
    let unknown = intent.actions.iter().any(|action| usize::from(action.by) >= accounts.len());
    let mut broken = listed([
        (accounts.is_empty(), Rule::NoSigner),
        (witnesses.len() != accounts.len(), Rule::WitnessCount),
        (repeated, Rule::RepeatedSigner),
        (unknown, Rule::UnknownActor),
        (transaction.encode().len() > TRANSACTION_BYTES_MAX, Rule::Large),
    ]);
    let digest = intent.signing_digest(genesis);
    for (place, witness) in witnesses.iter().enumerate() {
        broken.extend(witness_rules(place, witness, digest, signatures));
    }
    broken
}

fn witness_rules(place: usize, witness: &Witness, digest: Hash, verify: bool) -> Vec<Rule> {
    let Some((needed, keys)) = witness.policy.signing() else {
        return vec![Rule::PolicyCannotSign(place)];
    };
    let given = || {
        witness.signatures.iter().zip(keys).filter_map(|(place, key)| Some((place.as_ref()?, key)))
    };
    let valid = |(signature, key): (&_, &_)| {
        Claim { key: *key, digest, signature: *signature }.verify().is_ok()
    };
    listed([
        (witness.signatures.len() != keys.len(), Rule::SignaturePlaces(place)),
        (witness.signatures.iter().flatten().count() != needed, Rule::SignatureCount(place)),
        (verify && !given().all(valid), Rule::Signature(place)),
    ])
}

impl Draft {
    /// The chain's own limits on the transaction's shape that it breaks.
    fn sizes(&self, transaction: &Transaction) -> Vec<Rule> {
        let (intent, params) = (transaction.intent(), &self.params);
        let mut broken = listed([
            (transaction.encode().len() > params.transaction_bytes as usize, Rule::Bytes),
            (intent.signers.len() > params.signers as usize, Rule::Signers),
            (intent.actions.len() > params.actions as usize, Rule::Actions),
        ]);
        let payloads = intent.actions.iter().enumerate();
        let large =
            payloads.filter(|(_, action)| action.payload.len() > params.payload_bytes as usize);
        broken.extend(large.map(|(place, _)| Rule::Payload(place)));
        broken
    }

    /// Every rule of state and block that the transaction breaks here.
    #[must_use]
    pub fn broken(&self, transaction: &Transaction) -> Vec<Rule> {
        let (intent, state) = (transaction.intent(), &self.book.state);
        let mut broken = self.sizes(transaction);
        let meter = u128::from(self.meter) + u128::from(intent.meter_limit);
        let bytes = 4 + self.bytes + transaction.encode().len() as u64;
        broken.extend(listed([
            (intent.expires < self.height, Rule::Expired),
            (intent.price < self.params.base_fee / 1_000, Rule::Price),
            (intent.meter_limit < price::intrinsic(transaction), Rule::Meter),
            (meter > u128::from(self.params.body_meter), Rule::BlockMeter),
            (bytes > u64::from(self.params.body_bytes), Rule::BlockBytes),
        ]));
        let witnesses = transaction.witnesses().iter();
        for (place, (signer, witness)) in intent.signers.iter().zip(witnesses).enumerate() {
            let (account, nonce) = (&signer.account, signer.nonce);
            let next = accounts::next(state, account, nonce.lane);
            broken.extend(listed([
                (witness.policy.hash() != accounts::policy(state, account), Rule::Policy(place)),
                (nonce.seq != next || nonce.seq == u64::MAX, Rule::Nonce(place)),
            ]));
        }
        let payer = intent.signers.first().map(|signer| assets::balance(state, &signer.account));
        broken.extend(listed([(payer.unwrap_or(0) < intent.max_fee().0, Rule::Payer)]));
        broken
    }
}

/// Those that are true.
fn listed<const N: usize>(rules: [(bool, Rule); N]) -> Vec<Rule> {
    rules.into_iter().filter(|(broken, _)| *broken).map(|(_, rule)| rule).collect()
}
