use crate::{Offer, OfferError};
use isonomy_crypto::{Domain, Hash};
use isonomy_ledger::{
    Memo, accounts,
    assets::{self, Asset},
    cost, unique,
};
use isonomy_types::{
    Action, Address, Amount, Blob, Encode, Intent, List, ModuleId, Nonce, Policy, Signer, Version,
};

/// Meter units set aside for each action, about four times what a transfer takes. What is not used
/// is not paid.
pub const ACTION_METER: u64 = 24_000;
/// Bytes of a witness under one key: policy, one place, its signature.
const KEY_WITNESS_BYTES: usize = 1 + 32 + 4 + 1 + 64;
const SPARE_LANE: Domain = Domain::new("isonomy spare lane 1");

/// One who signs, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Party {
    /// Who.
    pub account: Address,
    /// The turn that is spent: a spare lane's next, so that nothing else waits for the offer.
    pub nonce: Nonce,
    /// Its policy where that is known. `None`: one key, as most accounts have, and whoever signs
    /// reveals it.
    pub policy: Option<Policy>,
}

/// What several accounts do together, all of it or nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// Who signs. The first pays the fee.
    pub parties: Vec<Party>,
    /// Who gives what to whom, in order. With none, the turns are spent and nothing else happens.
    pub actions: Vec<Action>,
    /// What a meter unit may cost, in coins. At least the chain's base fee.
    pub price: u64,
    /// The last height at which a block may hold it.
    pub expires: u64,
}

/// The party at place `by` calls a module of this toolkit. Their calls are all shorter than a payload
/// may be.
#[must_use]
pub fn act(by: u8, module: ModuleId, call: &impl Encode) -> Action {
    Action { module, by, payload: Blob::truncated(call.encode()) }
}

/// The party at place `by` gives `to` some of an asset, without a memo.
#[must_use]
pub fn give(by: u8, to: Address, amount: Amount, asset: Asset) -> Action {
    act(by, assets::ID, &assets::Call::Transfer { asset, to, amount, memo: Memo::default() })
}

/// The same in the chain's coin.
#[must_use]
pub fn pay(by: u8, to: Address, amount: Amount) -> Action {
    give(by, to, amount, Asset::Coin)
}

/// The party at place `by` gives `to` an item of its own, without a memo.
#[must_use]
pub fn hand(by: u8, to: Address, id: unique::ItemId) -> Action {
    act(by, unique::ID, &unique::Call::Transfer { id, to, memo: Memo::default() })
}

/// From then on, the party at place `by` acts under `policy`. Its address stays.
#[must_use]
pub fn set_policy(by: u8, policy: Policy) -> Action {
    act(by, accounts::ID, &accounts::Call::SetPolicy(policy))
}

/// The lane on which these accounts do this together: one of the 65 535 spare ones, never lane 0.
///
/// It follows from who and what alone. So the same offer made twice can be taken once, and two
/// different offers rarely share a lane (if they do, taking one cancels the other).
#[must_use]
pub fn spare_lane(accounts: &[Address], actions: &[Action]) -> u16 {
    let hash = (accounts.to_vec(), actions.to_vec()).digest(&SPARE_LANE);
    let [high, low, ..] = hash.to_bytes();
    u16::from_be_bytes([high, low]).max(1)
}

impl Terms {
    /// The offer of these terms on the chain `genesis`. Nobody has signed it yet.
    ///
    /// # Errors
    /// [`OfferError::Terms`] if no chain could take it: nobody or somebody twice signs, an action is
    /// nobody's, or it is too large; [`OfferError::Many`] signers or actions.
    pub fn offer(self, genesis: Hash) -> Result<Offer, OfferError> {
        let meter_limit = self.meter_limit();
        let Self { parties, actions, price, expires } = self;
        let signers: Vec<_> = parties.iter().map(Party::signer).collect();
        let intent = Intent {
            version: Version,
            signers: List::try_from(signers)?,
            actions: List::try_from(actions)?,
            meter_limit,
            price,
            expires,
        };
        Offer::new(genesis, intent, parties.into_iter().map(|party| party.policy).collect())
    }

    /// Suffices for anything that costs no more than [`ACTION_METER`] an action.
    fn meter_limit(&self) -> u64 {
        let parties = self.parties.iter();
        let policies = parties.clone().map(|party| party.policy.as_ref());
        let signatures = policies.clone().map(signatures).fold(0, u64::saturating_add);
        let witnesses = policies.map(witness_bytes).fold(4, usize::saturating_add);
        let lanes = parties.filter(|party| party.nonce.seq == 0).count();
        cost::TRANSACTION
            .saturating_add(times(
                self.intent_bytes().saturating_add(witnesses),
                cost::TRANSACTION_BYTE,
            ))
            .saturating_add(times(self.parties.len(), cost::SIGNER))
            .saturating_add(signatures.saturating_mul(cost::SIGNATURE))
            .saturating_add(times(lanes, cost::LANE))
            .saturating_add(times(self.actions.len(), ACTION_METER))
    }

    /// Version, two counts and three numbers beside signers and actions.
    fn intent_bytes(&self) -> usize {
        let signers = self.parties.iter().map(|party| party.signer().encoded_len());
        let actions = self.actions.iter().map(Encode::encoded_len);
        signers.chain(actions).fold(1 + 2 * 4 + 3 * 8, usize::saturating_add)
    }
}

impl Party {
    const fn signer(&self) -> Signer {
        Signer { account: self.account, nonce: self.nonce }
    }
}

fn signatures(policy: Option<&Policy>) -> u64 {
    policy.and_then(Policy::signing).map_or(1, |(needed, _)| needed as u64)
}

fn witness_bytes(policy: Option<&Policy>) -> usize {
    let Some((policy, (needed, keys))) =
        policy.and_then(|policy| Some((policy, policy.signing()?)))
    else {
        return KEY_WITNESS_BYTES;
    };
    let signatures = needed.saturating_mul(64).saturating_add(keys.len()).saturating_add(4);
    policy.encoded_len().saturating_add(signatures)
}

const fn times(count: usize, each: u64) -> u64 {
    (count as u64).saturating_mul(each)
}
