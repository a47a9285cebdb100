//! What a state holds, checked with nothing but a header's id or a state root.
use crate::api::{PROOF_BYTES_MAX, PROVE_KEYS_MAX, ProveReply};
use crate::proof_error::ProofError;
use isonomy_crypto::{Hash, StateProof};
use isonomy_types::{Address, Amount, Blob, Decode, Header, KEY_BYTES_MAX, List, VALUE_BYTES_MAX};
use serde::{Deserialize, Serialize};

/// Bytes of a proof's text: what the largest takes, the header included. Stops a path to something
/// endless from filling memory.
pub const PROOF_TEXT_BYTES_MAX: usize = crate::ANSWER_BYTES_MAX;

/// The format of what follows it.
const VERSION: u64 = 1;
/// How the text tells what it is.
const KIND: &str = "isonomy proof";
/// The two bytes of the module's id and its collections of coins and of issued assets.
const COINS: [u8; 3] = [0, 1, 0];
const UNITS: [u8; 3] = [0, 1, 4];

/// The key under which a state holds what an account has of an asset, or with `None` of the coin, on
/// a chain whose assets are module 1. The value is the [`Amount`]; who has none has no such key.
///
/// # Bytes
/// ```text
/// the coin          00 01 · 00 · 32 bytes the account
/// an issued asset   00 01 · 04 · 32 bytes the account · 32 bytes the asset's id
/// ```
#[must_use]
pub fn balance_key(of: Address, asset: Option<Hash>) -> Vec<u8> {
    match asset {
        None => [&COINS[..], of.0.as_bytes()].concat(),
        Some(id) => [&UNITS[..], of.0.as_bytes(), id.as_bytes()].concat(),
    }
}

/// What a prover says that a state holds under some keys, and why one should believe it. Nothing in
/// it is known to be true before it is [checked](Self::check).
///
/// As text it is JSON: `version` 1, `kind` `"isonomy proof"`, the `header`, `pairs` of a `key` and a
/// `value` in hex (null: no such key), and the `proof` in hex.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    version: u64,
    kind: String,
    header: Header,
    pairs: List<Pair, PROVE_KEYS_MAX>,
    proof: Blob<PROOF_BYTES_MAX>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    key: Blob<KEY_BYTES_MAX>,
    value: Option<Blob<VALUE_BYTES_MAX>>,
}

/// Read first: the rest of another version may have another shape.
#[derive(Deserialize)]
struct Head {
    version: u64,
    kind: String,
}

/// What is known already, and from elsewhere than the prover.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// A block's id.
    Block(Hash),
    /// The root of the state after a block.
    StateRoot(Hash),
}

impl Proof {
    /// What a node answered about `keys` and the state after `header`'s block.
    pub(crate) fn new(
        header: &Header,
        keys: Vec<Blob<KEY_BYTES_MAX>>,
        reply: ProveReply,
    ) -> Result<Self, ProofError> {
        let ProveReply { at, values, proof } = reply;
        let (got, want) = (at.block, header.id());
        if got != want {
            return Err(ProofError::Block { got, want });
        }
        if values.len() != keys.len() {
            return Err(ProofError::Values { got: values.len(), want: keys.len() });
        }
        let pairs = keys.into_iter().zip(values).map(|(key, value)| Pair { key, value });
        let (pairs, header) = (List::truncated(pairs.collect()), header.clone());
        Ok(Self { version: VERSION, kind: KIND.into(), header, pairs, proof })
    }

    /// Reads what [`to_text`](Self::to_text) wrote. Checks nothing of what it says.
    ///
    /// # Errors
    /// [`ProofError::Text`] and [`ProofError::Version`].
    pub fn from_text(text: &[u8]) -> Result<Self, ProofError> {
        let wrong = |why: &dyn ToString| ProofError::Text { why: why.to_string() };
        if text.len() > PROOF_TEXT_BYTES_MAX {
            let (got, limit) = (text.len(), PROOF_TEXT_BYTES_MAX);
            return Err(wrong(&format!("it has {got} bytes, limit {limit}")));
        }
        let Head { version: got, kind } = serde_json::from_slice(text).map_err(|e| wrong(&e))?;
        if kind != KIND {
            return Err(wrong(&format!("its kind is not {KIND:?}")));
        }
        if got != VERSION {
            return Err(ProofError::Version { got, limit: VERSION });
        }
        serde_json::from_slice(text).map_err(|error| wrong(&error))
    }

    /// The text, for a file or a message.
    #[must_use]
    pub fn to_text(&self) -> String {
        // Numbers, texts and lists of them: there is nothing that JSON cannot say.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Whether all that it says is true of the block or the state that is `known`. Needs no state and
    /// asks nobody.
    ///
    /// # Errors
    /// [`ProofError::Block`] or [`ProofError::StateRoot`] if it is about another block or state,
    /// [`ProofError::Bytes`] and [`ProofError::Wrong`] if it does not prove what it says.
    pub fn check(self, known: Known) -> Result<Proven, ProofError> {
        match known {
            Known::Block(want) if self.header.id() != want => {
                return Err(ProofError::Block { got: self.header.id(), want });
            }
            Known::StateRoot(want) if self.header.state_root != want => {
                return Err(ProofError::StateRoot { got: self.header.state_root, want });
            }
            _ => {}
        }
        let proof = StateProof::decode_exact(&self.proof).map_err(ProofError::Bytes)?;
        let claims: Vec<_> =
            self.pairs.iter().map(|pair| (&*pair.key, pair.value.as_deref())).collect();
        proof.verify(&self.header.state_root, &claims).map_err(ProofError::Wrong)?;
        Ok(Proven(self))
    }
}

/// A [`Proof`] that was checked. Where its state root was known and no block, its header's other
/// fields are still the prover's word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proven(Proof);

/// What an account holds of an asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct ProvenBalance {
    /// Whose.
    pub account: Address,
    /// Of what. `None`: of the coin.
    pub asset: Option<Hash>,
    /// How much; zero if it is proved that there is none.
    pub balance: Amount,
}

impl Proven {
    /// The header of the block after which it is so.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.0.header
    }

    /// What was checked, for a file, or for who knows the block too.
    #[must_use]
    pub const fn proof(&self) -> &Proof {
        &self.0
    }

    /// Each key and its value; `None` where it is proved that there is none.
    pub fn pairs(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        self.0.pairs.iter().map(|pair| (&*pair.key, pair.value.as_deref()))
    }

    /// The value under `key`; `None` in `Ok` if it is proved that there is none.
    ///
    /// # Errors
    /// [`ProofError::Unasked`] if the proof says nothing of this key.
    pub fn value(&self, key: &[u8]) -> Result<Option<&[u8]>, ProofError> {
        let found = self.pairs().find(|(held, _)| *held == key);
        found.map(|(_, value)| value).ok_or_else(|| ProofError::Unasked { key: hex(key) })
    }

    /// What an account holds of an asset, or with `None` of the coin.
    ///
    /// # Errors
    /// [`ProofError::Unasked`] if the proof says nothing of it, [`ProofError::Bytes`] if the chain
    /// keeps no amount there.
    pub fn balance(&self, of: Address, asset: Option<Hash>) -> Result<Amount, ProofError> {
        amount(self.value(&balance_key(of, asset))?)
    }

    /// All balances that it proves, in its order.
    ///
    /// # Errors
    /// [`ProofError::Bytes`] if the chain keeps no amount where balances are.
    pub fn balances(&self) -> Result<Vec<ProvenBalance>, ProofError> {
        let balances = self.pairs().filter_map(|(key, value)| Some((holder(key)?, value)));
        let typed = balances.map(|((account, asset), value)| {
            Ok(ProvenBalance { account, asset, balance: amount(value)? })
        });
        typed.collect()
    }
}

fn amount(value: Option<&[u8]>) -> Result<Amount, ProofError> {
    value.map_or(Ok(Amount::ZERO), |value| Amount::decode_exact(value).map_err(ProofError::Bytes))
}

/// Whose balance of what stands under a key, if it is one's.
fn holder(key: &[u8]) -> Option<(Address, Option<Hash>)> {
    let (kind, rest) = key.split_first_chunk()?;
    match *kind {
        COINS => Some((Address::decode_exact(rest).ok()?, None)),
        UNITS => <(Address, Hash)>::decode_exact(rest).ok().map(|(of, id)| (of, Some(id))),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
