//! Transactions of every kind, drawn with the state in sight.
use super::deeds;
use super::draw::Draw;
use super::harbour::{COUNCIL, Do, HARBOUR};
use super::people::{ADDRESSES, PEOPLE, address, by_hash, policies};
use borsh::BorshSerialize;
use isonomy_crypto::{Hash, Signature};
use isonomy_ledger::{accounts, assets};
use isonomy_naive::{
    Draft, accounts as naive_accounts, assets as naive_assets, price::intrinsic, stateless,
};
use isonomy_types::*;

/// The next counter to name for an account's lane.
pub type Next<'a> = &'a dyn Fn(&Address, u16) -> u64;

/// One transaction for the block of `draft`, which breaks no rule without a state.
pub fn transaction(draw: &mut Draw, draft: &Draft, height: u64, next: Next<'_>) -> Transaction {
    loop {
        let transaction = any(draw, draft, height, next);
        if stateless(&transaction, &Hash::ZERO, false).is_empty() {
            return transaction;
        }
    }
}

fn any(draw: &mut Draw, draft: &Draft, height: u64, next: Next<'_>) -> Transaction {
    let signers = signers(draw, next);
    let mut actions = Vec::new();
    for _ in 0..draw.below(4) {
        actions.extend(deed(draw, draft, height, &signers));
    }
    let witnesses: Vec<_> = signers.iter().map(|signer| witness(draw, draft, signer)).collect();
    let mut intent = Intent {
        version: Version,
        signers: signers.try_into().unwrap(),
        actions: actions.try_into().unwrap(),
        meter_limit: 0,
        price: price(draw, draft.params().base_fee / 1_000),
        expires: if draw.once_in(25) { height - 1 } else { height + draw.below(30) },
    };
    let witnesses: List<Witness, SIGNERS_MAX> = witnesses.try_into().unwrap();
    let least = intrinsic(&Transaction::new(intent.clone(), witnesses.clone()));
    intent.meter_limit = match draw.below(40) {
        0 => least - 1,
        1 => least,
        2..=5 => least + draw.below(3_000),
        6 => 990_000,
        7 => 20_000_000,
        _ => least + 30_000,
    };
    Transaction::new(intent, witnesses)
}

fn price(draw: &mut Draw, base: u64) -> u64 {
    if draw.once_in(25) { base.saturating_sub(1) } else { base + draw.below(3) }
}

/// A crowd now and then, else one or two.
fn signers(draw: &mut Draw, next: Next<'_>) -> Vec<Signer> {
    let wanted = if draw.once_in(5) { 1 + draw.below(5) } else { 1 };
    let mut signers: Vec<Signer> = Vec::new();
    for _ in 0..wanted {
        let account = address(draw.below(PEOPLE as u64) as usize);
        if signers.iter().any(|signer| signer.account == account) {
            continue;
        }
        let lane = *draw.pick(&[0, 0, 0, 0, 1, 7]);
        let next = next(&account, lane);
        let seq = match draw.below(40) {
            0 => next + 1,
            1 => next.saturating_sub(1),
            2 => u64::MAX,
            _ => next,
        };
        signers.push(Signer { account, nonce: Nonce { lane, seq } });
    }
    signers
}

/// With signatures that nobody made.
fn witness(draw: &mut Draw, draft: &Draft, signer: &Signer) -> Witness {
    let current = by_hash(naive_accounts::policy(&draft.book().state, &signer.account));
    let policy = match draw.below(40) {
        0 => draw.pick(policies()).clone(),
        1 => by_hash(signer.account.0).clone(),
        _ => current.clone(),
    };
    let (needed, keys) = policy.signing().unwrap();
    let place = |place| (place < needed).then_some(Signature::from_bytes([7; 64]));
    let signatures: Vec<_> = (0..keys.len()).map(place).collect();
    Witness { policy, signatures: signatures.try_into().unwrap() }
}

/// What one of the signers does: most of the time one action.
fn deed(draw: &mut Draw, draft: &Draft, height: u64, signers: &[Signer]) -> Vec<Action> {
    let by = draw.below(signers.len() as u64) as u8;
    let (account, state) = (signers[usize::from(by)].account, &draft.book().state);
    let calls = match draw.below(32) {
        0 => vec![(77, vec![1; draw.below(9) as usize])],
        1 => vec![(draw.below(4) as ModuleId, vec![99])],
        2 => vec![(COUNCIL, params(draw).encode())],
        3 if draw.once_in(3) => vec![(77, vec![0; PAYLOAD_BYTES_MAX])],
        3..=5 => {
            vec![(accounts::ID, accounts::Call::SetPolicy(next_policy(draw, account)).encode())]
        }
        6..=10 => vec![(HARBOUR, boats(draw).encode())],
        11..=23 => deeds::deed(draw, state, height, account),
        _ => vec![(assets::ID, transfer(draw, draft, account).encode())],
    };
    let action = |(module, payload): (_, Vec<u8>)| Action {
        module,
        by,
        payload: payload.try_into().unwrap(),
    };
    calls.into_iter().map(action).collect()
}

fn next_policy(draw: &mut Draw, account: Address) -> Policy {
    match draw.below(6) {
        0 => Policy::Contract(Hash::ZERO),
        1 | 2 => by_hash(account.0).clone(),
        _ => draw.pick(policies()).clone(),
    }
}

fn boats(draw: &mut Draw) -> impl BorshSerialize {
    let (boat, name) = (draw.below(6) as u8, draw.below(9) as u8);
    match draw.below(4) {
        0 => Do::Scrap { boat },
        1 => Do::Try { boat, name },
        _ => Do::Register { boat, name },
    }
}

fn transfer(draw: &mut Draw, draft: &Draft, from: Address) -> assets::Call {
    let to = if draw.once_in(6) { from } else { *draw.pick(&ADDRESSES) };
    let held = naive_assets::balance(&draft.book().state, &from);
    assets::Call::pay(to, deeds::amount(draw, held))
}

/// Mostly sound ones: the floor may pass the ceiling.
fn params(draw: &mut Draw) -> Params {
    let defaults = Params::default();
    Params {
        body_meter: *draw.pick(&[0, BODY_METER_MIN, BODY_METER_MIN, 10_000_000]),
        body_bytes: *draw.pick(&[BODY_BYTES_MIN, BODY_BYTES_MIN, defaults.body_bytes]),
        transaction_bytes: *draw.pick(&[TRANSACTION_BYTES_MIN as u32, defaults.transaction_bytes]),
        signers: *draw.pick(&[2, defaults.signers, defaults.signers]),
        actions: *draw.pick(&[2, 4, defaults.actions, defaults.actions]),
        payload_bytes: *draw.pick(&[PAYLOAD_BYTES_MIN as u32, defaults.payload_bytes]),
        key_bytes: *draw.pick(&[KEY_BYTES_MIN as u32, defaults.key_bytes]),
        value_bytes: *draw.pick(&[VALUE_BYTES_MIN as u32, defaults.value_bytes]),
        events: *draw.pick(&[EVENTS_MIN as u32, defaults.events]),
        event_bytes: *draw.pick(&[EVENT_BYTES_MIN as u32, defaults.event_bytes]),
        base_fee: 4_000,
        base_fee_floor: *draw.pick(&[0, 999, 2_000]),
        base_fee_ceiling: *draw.pick(&[999, 4_000, 6_000, BASE_FEE_MAX]),
        target_per_mille: *draw.pick(&[100, 500]),
        change_per_mille: *draw.pick(&[10, 125, 500]),
        burned_per_mille: *draw.pick(&[0, 0, 333, 1_000]),
    }
}
