use crate::{Draft, Transfer};
use isonomy_crypto::{Hash, PublicKey, Signature};
use isonomy_ledger::{
    Memo,
    assets::{Asset, AssetsEvent},
    cost,
};
use isonomy_types::{Address, Encode, List, Policy, Transaction, Witness};

/// What the coin stores for an account: module, collection, address; amount.
const BALANCE_BYTES: u64 = 2 + 1 + 32 + 16;
/// To read a balance and write another.
const BALANCE: u64 =
    cost::READ + cost::READ_32_BYTES + cost::WRITE + BALANCE_BYTES * cost::WRITE_BYTE;
/// The event's keys: who gives and who receives.
const KEYS: u64 = 2 * (cost::EVENT_KEY + 32 * cost::EVENT_BYTE);
/// What a transfer costs beside its bytes, its event's payload and a new lane.
const TRANSFER: u64 = cost::TRANSACTION
    + cost::SIGNER
    + cost::SIGNATURE
    + cost::CALL
    + 2 * BALANCE
    + cost::EVENT
    + KEYS;

/// A meter limit, in units, that suffices for a transfer signed by one key, whatever the state.
/// What is not used is not paid.
#[must_use]
pub fn meter_for(transfer: &Transfer) -> u64 {
    let (to, amount, nobody) = (transfer.to, transfer.amount, Address::default());
    let (asset, memo) = (Asset::Coin, Memo::default());
    let event = AssetsEvent::Transfer { asset, from: nobody, to, amount, memo };
    let lane = if transfer.nonce.seq == 0 { cost::LANE } else { 0 };
    TRANSFER
        .saturating_add(lane)
        .saturating_add(times(signed(transfer).encoded_len(), cost::TRANSACTION_BYTE))
        .saturating_add(times(event.encoded_len(), cost::EVENT_BYTE))
}

/// The transfer as long as it will be, under a key and a signature that mean nothing.
fn signed(transfer: &Transfer) -> Transaction {
    let intent = Draft::new(Hash::ZERO, Address::default(), *transfer).into_intent();
    let policy = Policy::Key(PublicKey::from_bytes([0; 32]));
    let signatures = List::truncated(vec![Some(Signature::from_bytes([0; 64]))]);
    Transaction::new(intent, List::truncated(vec![Witness { policy, signatures }]))
}

const fn times(count: usize, each: u64) -> u64 {
    (count as u64).saturating_mul(each)
}
