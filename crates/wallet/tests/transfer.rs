//! A payment from its draft to its receipt.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{GENESIS, Ledger, wallet};
use isonomy_crypto::Hash;
use isonomy_ledger::{ExecuteError, Executed, assets};
use isonomy_types::{Address, Amount, CheckError, Nonce};
use isonomy_wallet::{Transfer, Wallet, WalletError, act, deeds, meter_for, pay};
use proptest::prelude::*;

fn transfer(to: Address, amount: u128) -> Transfer {
    let nonce = Nonce { lane: 0, seq: 0 };
    let transfer =
        Transfer { to, amount: Amount(amount), nonce, price: 2, meter_limit: 0, expires: 10 };
    Transfer { meter_limit: meter_for(&transfer), ..transfer }
}

fn paid(ledger: &mut Ledger, by: &Wallet, transfer: Transfer) -> Result<Executed, ExecuteError> {
    ledger.block(by.sign(by.transfer(GENESIS, transfer)).unwrap())
}

#[test]
fn a_draft_says_what_will_be_signed() {
    let (payer, payee) = (wallet(1), wallet(2));
    let nonce = Nonce { lane: 3, seq: 41 };
    let (price, meter_limit, expires) = (2, 6_000, 120);
    let amount = Amount(1_500);
    let transfer = Transfer { to: payee.address(), amount, nonce, price, meter_limit, expires };
    let draft = payer.transfer(GENESIS, transfer);
    let want = "\
In a block up to height 120 of the chain 0707070707070707070707070707070707070707070707070707070707070707:
  iso105tafqqva2e7883y4248mxr62jnnzgualy4cwjta62p6sg7427mshcpcu9 shall send 1500 coins to iso1s76mrgln9ukzl6ghjp4g2g2j7ewkywm7zr6lehlwwpjxra2fnp0squmszc
iso105tafqqva2e7883y4248mxr62jnnzgualy4cwjta62p6sg7427mshcpcu9 pays the fee: at most 12000 coins (6000 meter units at 2 each).
It is transaction 41 on lane 3 of iso105tafqqva2e7883y4248mxr62jnnzgualy4cwjta62p6sg7427mshcpcu9.";
    assert_eq!(draft.describe(), want);
}

#[test]
fn deeds_are_told_an_action_a_line() {
    let (payer, payee) = (wallet(1), wallet(2));
    let draft = payer.transfer(GENESIS, transfer(payee.address(), 5));
    let (from, to) = (payer.address(), payee.address());
    assert_eq!(deeds(draft.intent()), [format!("{from}: send 5 coins to {to}")]);
    // A module unknown here, and nobody's action: told all the same.
    let mut intent = draft.intent().clone();
    let foreign = act(9, 77, &5_u8);
    intent.actions = vec![pay(0, to, Amount(6)), foreign].try_into().unwrap();
    let [first, second] = &deeds(&intent)[..] else { panic!("two lines") };
    assert_eq!(*first, format!("{from}: send 6 coins to {to}"));
    assert_eq!(*second, "nobody: call module 77 with 1 bytes that this wallet cannot read");
    intent.actions = Vec::new().try_into().unwrap();
    assert_eq!(deeds(&intent), Vec::<String>::new());
}

#[test]
fn what_is_signed_is_what_was_drafted() {
    let (payer, payee) = (wallet(1), wallet(2).address());
    let draft = payer.transfer(GENESIS, transfer(payee, 500));
    assert_eq!((draft.genesis(), draft.account()), (GENESIS, payer.address()));
    let intent = draft.intent().clone();
    let signed = payer.sign(draft).unwrap();
    assert_eq!(signed.intent(), &intent);
    let checked = signed.check(&GENESIS).unwrap();
    assert_eq!(checked.id(), intent.id());
}

#[test]
fn signing_twice_gives_one_id() {
    let payer = wallet(1);
    let draft = payer.transfer(GENESIS, transfer(wallet(2).address(), 500));
    let (first, second) = (payer.sign(draft.clone()).unwrap(), payer.sign(draft).unwrap());
    assert_ne!(first.witnesses(), second.witnesses(), "fresh randomness");
    let ids = [first, second].map(|signed| signed.check(&GENESIS).unwrap().id());
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn attack_19_a_payment_is_worth_nothing_on_another_chain() {
    let payer = wallet(1);
    let signed = payer.sign(payer.transfer(GENESIS, transfer(wallet(2).address(), 500))).unwrap();
    let error = signed.check(&Hash::from_bytes([8; 32])).unwrap_err();
    assert!(matches!(error, CheckError::Signature(_)), "{error}");
}

#[test]
fn a_wallet_signs_its_own_drafts_alone() {
    let (payer, other) = (wallet(1), wallet(2));
    let draft = other.transfer(GENESIS, transfer(payer.address(), 500));
    let error = payer.sign(draft).unwrap_err();
    let WalletError::Foreign { got, want } = error else { panic!("{error}") };
    assert_eq!((got, want), (other.address(), payer.address()));
}

#[test]
fn a_payment_moves_coins_and_costs_its_fee() {
    let (payer, payee) = (wallet(1), wallet(2).address());
    let mut ledger = Ledger::new(vec![(payer.address(), Amount(100_000))]);
    let done = paid(&mut ledger, &payer, transfer(payee, 500)).unwrap();
    let receipt = &done.receipts[0];
    assert_eq!(receipt.code, 0);
    assert_eq!(ledger.balance(payee), 500);
    assert_eq!(ledger.balance(payer.address()), 100_000 - 500 - receipt.fee.0);

    let nonce = Nonce { lane: 0, seq: 1 };
    let second = Transfer { nonce, ..transfer(payee, 700) };
    assert_eq!(paid(&mut ledger, &payer, second).unwrap().receipts[0].code, 0);
    assert_eq!(ledger.balance(payee), 1_200);
}

#[test]
fn the_meter_limit_is_tight() {
    let (payer, payee) = (wallet(1), wallet(2).address());
    let allocations = vec![(payer.address(), Amount(1 << 40)), (payee, Amount(1))];
    let mut ledger = Ledger::new(allocations);
    for seq in 0..3 {
        let nonce = Nonce { lane: 0, seq };
        let unlimited = Transfer { nonce, ..transfer(payee, 500) };
        let transfer = Transfer { meter_limit: meter_for(&unlimited), ..unlimited };
        let receipt = paid(&mut ledger, &payer, transfer).unwrap().receipts[0].clone();
        assert_eq!((receipt.code, receipt.meter), (0, transfer.meter_limit), "{seq}");
    }
    let nonce = Nonce { lane: 0, seq: 3 };
    let short = Transfer { nonce, ..transfer(payee, 500) };
    let short = Transfer { meter_limit: meter_for(&short) - 1, ..short };
    assert_eq!(paid(&mut ledger, &payer, short).unwrap().receipts[0].code, 1, "the meter's fault");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Payee new or not, oneself or not; all there is, a part, or more; any lane.
    #[test]
    fn the_meter_limit_suffices_on_any_state(
        held in 0_u128..1_000_000,
        waits in 0_u128..3,
        amount in 1_u128..2_000_000,
        to_self: bool,
        all: bool,
        lane: u16,
    ) {
        let (payer, other) = (wallet(1), wallet(2).address());
        let payee = if to_self { payer.address() } else { other };
        let nonce = Nonce { lane, seq: 0 };
        let transfer = Transfer { nonce, ..transfer(payee, amount) };
        let fee = u128::from(transfer.meter_limit) * 2;
        let held = held + fee + 1;
        let amount = if all { held - fee } else { amount };
        let transfer = Transfer { amount: Amount(amount), ..transfer };
        let allocations = [(payer.address(), Amount(held)), (other, Amount(waits))];
        let allocations = allocations.into_iter().filter(|(_, amount)| amount.0 > 0).collect();
        let mut ledger = Ledger::new(allocations);
        let receipt = paid(&mut ledger, &payer, transfer).unwrap().receipts[0].clone();
        let not_enough = 256 + assets::refusal::NOT_ENOUGH;
        let want = if amount + fee <= held { 0 } else { not_enough };
        prop_assert_eq!(receipt.code, want);
    }
}
