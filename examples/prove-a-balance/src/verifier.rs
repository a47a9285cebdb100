//! Who knows one header and no state. Needs `isonomy-crypto` and `isonomy-types`, no ledger.
//!
//! A balance in the coin, as `isonomy_ledger::assets::balance_key` documents it:
//! ```text
//! key     00 01 · 00 · 32 bytes the account     module 1, its collection 0
//! value   16 bytes, little-endian               none where the account holds nothing
//! ```
use isonomy_crypto::StateProof;
use isonomy_types::{Address, Amount, Decode, DecodeError, Encode, Header};
use std::error::Error;

pub(crate) struct Verifier {
    header: Header,
}

impl Verifier {
    /// Takes the header as given. Whether it is the chain's is the business of whoever follows
    /// headers: see the example `verify-block`.
    pub(crate) fn new(header: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self { header: Header::decode_exact(header)? })
    }

    pub(crate) fn height(&self) -> u64 {
        self.header.height
    }

    /// Whether each account held so many coins after that header's block, zero included.
    pub(crate) fn check(
        &self,
        proof: &[u8],
        balances: &[(Address, Amount)],
    ) -> Result<(), Box<dyn Error>> {
        let proof = StateProof::decode_exact(proof)?;
        let pairs: Vec<_> = balances.iter().map(|(of, held)| (key(*of), value(*held))).collect();
        let claims: Vec<(&[u8], Option<&[u8]>)> =
            pairs.iter().map(|(key, value)| (key.as_slice(), value.as_deref())).collect();
        Ok(proof.verify(&self.header.state_root, &claims)?)
    }
}

fn key(of: Address) -> Vec<u8> {
    [&[0, 1, 0][..], &of.encode()].concat()
}

fn value(held: Amount) -> Option<Vec<u8>> {
    (held > Amount::ZERO).then(|| held.encode())
}
