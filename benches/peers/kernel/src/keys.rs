//! A taproot key for each account, and the coins that it spends by that key alone.
use crate::Failure;
use bitcoin::absolute::LockTime;
use bitcoin::hashes::Hash;
use bitcoin::key::{Keypair, TapTweak};
use bitcoin::secp256k1::{All, Message, Secp256k1, SecretKey};
use bitcoin::sighash::{Prevouts, SighashCache, TapSighashType};
use bitcoin::transaction::Version;
use bitcoin::{Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Witness, taproot};
use std::ops::Range;

pub(crate) struct Keys {
    curve: Secp256k1<All>,
    pairs: Vec<Keypair>,
}

/// An output and where it is.
pub(crate) struct Coin {
    at: OutPoint,
    output: TxOut,
}

impl Coin {
    /// All of a transaction's outputs.
    pub(crate) fn of(transaction: &Transaction) -> impl Iterator<Item = Self> {
        let txid = transaction.compute_txid();
        let outputs = (0..).zip(transaction.output.iter().cloned());
        outputs.map(move |(vout, output)| Self { at: OutPoint { txid, vout }, output })
    }

    pub(crate) fn sats(&self) -> u64 {
        self.output.value.to_sat()
    }
}

impl Keys {
    pub(crate) fn new(count: u32) -> Result<Self, Failure> {
        let curve = Secp256k1::new();
        let pair = |number: u32| {
            let mut bytes = [0; 32];
            bytes[28..].copy_from_slice(&(number + 1).to_be_bytes());
            Ok(Keypair::from_secret_key(&curve, &SecretKey::from_slice(&bytes)?))
        };
        let pairs = (0..count).map(pair).collect::<Result<_, Failure>>()?;
        Ok(Self { curve, pairs })
    }

    fn pair(&self, account: u32) -> Result<&Keypair, Failure> {
        Ok(self.pairs.get(account as usize).ok_or("no such key")?)
    }

    /// Pays to an account. Its key is the output's, without a tweak.
    pub(crate) fn script(&self, account: u32) -> Result<ScriptBuf, Failure> {
        let (key, _) = self.pair(account)?.x_only_public_key();
        Ok(ScriptBuf::new_p2tr_tweaked(key.dangerous_assume_tweaked()))
    }

    /// One input, signed for all of it, and an output for each of `to`.
    pub(crate) fn spend(
        &self,
        coin: &Coin,
        from: u32,
        to: Range<u32>,
        sats_each: u64,
    ) -> Result<Transaction, Failure> {
        let output = |account| {
            let (value, script_pubkey) = (Amount::from_sat(sats_each), self.script(account)?);
            Ok(TxOut { value, script_pubkey })
        };
        let input = TxIn { previous_output: coin.at, sequence: Sequence::MAX, ..TxIn::default() };
        let mut spend = Transaction {
            version: Version::TWO,
            lock_time: LockTime::ZERO,
            input: vec![input],
            output: to.map(output).collect::<Result<_, Failure>>()?,
        };
        let spent = [&coin.output];
        let sighash_type = TapSighashType::Default;
        let digest = SighashCache::new(&spend).taproot_key_spend_signature_hash(
            0,
            &Prevouts::All(&spent),
            sighash_type,
        )?;
        let message = Message::from_digest(digest.to_byte_array());
        let signature = self.curve.sign_schnorr_no_aux_rand(&message, self.pair(from)?);
        let signature = taproot::Signature { signature, sighash_type };
        spend.input[0].witness = Witness::p2tr_key_spend(&signature);
        Ok(spend)
    }
}
