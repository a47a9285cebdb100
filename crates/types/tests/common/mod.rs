//! Parties who sign, and their transactions.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, clippy::panic)]

pub(crate) mod samples;
pub(crate) mod strategies;

use isonomy_crypto::{Hash, PublicKey, Secret, Signature};
use isonomy_types::{
    Action, Address, Blob, Intent, Keys, List, Nonce, Policy, Signer, Transaction, Version, Witness,
};

/// The chain that every test signs for.
pub(crate) const GENESIS: Hash = Hash::from_bytes([7; 32]);

/// A secret key of its own for each `seed` from 1 to 254.
pub(crate) fn secret(seed: u8) -> Secret {
    Secret::from_bytes(&[seed; 32]).unwrap()
}

/// Somebody with an account: a policy, and of each key in it the secret, if it is to sign.
#[derive(Clone)]
pub(crate) struct Party {
    pub(crate) policy: Policy,
    secrets: Vec<Option<Secret>>,
}

/// One key.
pub(crate) fn alone(seed: u8) -> Party {
    let secret = secret(seed);
    Party { policy: Policy::Key(secret.public()), secrets: vec![Some(secret)] }
}

/// `needed` of several keys, of which the last ones sign.
pub(crate) fn several(needed: u8, seeds: &[u8]) -> Party {
    let mut secrets: Vec<_> = seeds.iter().map(|seed| secret(*seed)).collect();
    secrets.sort_by_key(Secret::public);
    let keys: Vec<PublicKey> = secrets.iter().map(Secret::public).collect();
    let silent = keys.len() - usize::from(needed);
    let policy = Policy::Keys(Keys::new(needed, keys).unwrap());
    let signs = |(index, secret)| (index >= silent).then_some(secret);
    Party { policy, secrets: secrets.into_iter().enumerate().map(signs).collect() }
}

impl Party {
    /// The account that starts under its policy.
    pub(crate) fn account(&self) -> Address {
        self.policy.address()
    }

    /// Its policy, and its signatures of `digest`.
    pub(crate) fn witness(&self, digest: &Hash) -> Witness {
        let sign = |secret: &Option<Secret>| {
            secret.as_ref().map(|secret| secret.sign(digest, &[0; 32]).unwrap())
        };
        let signatures: Vec<_> = self.secrets.iter().map(sign).collect();
        Witness { policy: self.policy.clone(), signatures: list(signatures) }
    }
}

/// `items`, which fit.
pub(crate) fn list<T, const MAX: usize>(items: Vec<T>) -> List<T, MAX> {
    List::try_from(items).unwrap_or_else(|long| panic!("{long}"))
}

/// `bytes`, which fit.
pub(crate) fn blob<const MAX: usize>(bytes: Vec<u8>) -> Blob<MAX> {
    Blob::try_from(bytes).unwrap()
}

/// An intent of `parties`, each doing one thing.
pub(crate) fn intent(parties: &[&Party]) -> Intent {
    let signer = |(seq, party): (u64, &&Party)| Signer {
        account: party.account(),
        nonce: Nonce { lane: 0, seq },
    };
    let action = |by| Action { module: 1, by, payload: blob(vec![by; 5]) };
    let acting = u8::try_from(parties.len()).unwrap();
    Intent {
        version: Version,
        signers: list((0..).zip(parties).map(signer).collect()),
        actions: list((0..acting).map(action).collect()),
        meter_limit: 1_000,
        price: 2,
        expires: 100,
    }
}

/// `intent` with the parties' signatures for the chain `genesis`.
pub(crate) fn sign(intent: Intent, parties: &[&Party], genesis: &Hash) -> Transaction {
    let digest = intent.signing_digest(genesis);
    let witnesses = parties.iter().map(|party| party.witness(&digest)).collect();
    Transaction::new(intent, list(witnesses))
}

/// A sound transaction of `parties` for [`GENESIS`].
pub(crate) fn signed(parties: &[&Party]) -> Transaction {
    sign(intent(parties), parties, &GENESIS)
}

/// The text of every source file of this crate.
pub(crate) fn sources() -> Vec<String> {
    let src = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut folders = vec![std::path::PathBuf::from(src)];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => texts.push(std::fs::read_to_string(path).unwrap()),
            }
        }
    }
    texts
}

/// An intent of `parties`, edited, and then signed.
pub(crate) fn signed_after(parties: &[&Party], edit: impl FnOnce(&mut Intent)) -> Transaction {
    let mut intent = intent(parties);
    edit(&mut intent);
    sign(intent, parties, &GENESIS)
}

/// `transaction` with its witnesses edited.
pub(crate) fn edited(
    transaction: &Transaction,
    edit: impl FnOnce(&mut Vec<Witness>),
) -> Transaction {
    let mut witnesses = transaction.witnesses().clone().into_vec();
    edit(&mut witnesses);
    Transaction::new(transaction.intent().clone(), list(witnesses))
}

/// `transaction` with the signatures of its witness `signer` edited.
pub(crate) fn resigned(
    transaction: &Transaction,
    signer: usize,
    edit: impl FnOnce(&mut Vec<Option<Signature>>),
) -> Transaction {
    edited(transaction, |witnesses| {
        let mut places = witnesses[signer].signatures.clone().into_vec();
        edit(&mut places);
        witnesses[signer].signatures = list(places);
    })
}
