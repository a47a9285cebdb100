//! Offers whatever they say, and texts whatever is done to them.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod common;

use common::{GENESIS, Ledger, RICH, party, swap, wallet};
use isonomy_types::{Amount, Encode, Nonce};
use isonomy_wallet::{Offer, OfferError, Terms, pay};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any moves between any few: what a simple sum says happens, or nothing does.
    #[test]
    fn an_exchange_moves_what_it_says(
        count in 2_u8..6,
        moves in proptest::collection::vec((0_u8..6, 0_u8..6, 1_u128..1_000), 1..12),
        lane: u16,
        order: prop::sample::Index,
    ) {
        let everyone: Vec<u8> = (1..=count).collect();
        let accounts: Vec<_> = everyone.iter().map(|byte| wallet(*byte).address()).collect();
        let mut want = vec![RICH; everyone.len()];
        let mut actions = Vec::new();
        for (from, to, amount) in moves {
            let (from, to) = (from % count, to % count);
            want[usize::from(from)] -= amount;
            want[usize::from(to)] += amount;
            actions.push(pay(from, accounts[usize::from(to)], Amount(amount)));
        }
        let nonce = Nonce { lane, seq: 0 };
        let parties = accounts.iter().map(|account| party(*account, nonce)).collect();
        let terms = Terms { parties, actions, price: 2, expires: 10 };
        let mut offer = terms.offer(GENESIS).unwrap();
        let first = order.index(everyone.len());
        for byte in everyone.iter().cycle().skip(first).take(everyone.len()) {
            prop_assert!(offer.transaction().is_err());
            offer = wallet(*byte).sign_offer(offer.to_string().parse().unwrap()).unwrap();
        }
        let mut ledger = Ledger::rich(&everyone);
        prop_assert_eq!(offer.judge(&ledger.facts(&offer)), Ok(()));
        let receipt = ledger.block(offer.transaction().unwrap()).unwrap().receipts[0].clone();
        prop_assert_eq!(receipt.code, 0);
        want[0] -= receipt.fee.0;
        let got: Vec<_> = accounts.iter().map(|account| ledger.balance(*account)).collect();
        prop_assert_eq!(got, want);
    }

    /// One character changed, left out, doubled or swapped with its neighbour: no offer.
    #[test]
    fn a_typing_error_is_found(place: prop::sample::Index, how in 0_u8..4, by in 1_usize..32) {
        const CHARS: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        let text = wallet(1).sign_offer(swap()).unwrap().to_string();
        let mut chars = text.clone().into_bytes();
        let at = "isooffer1".len() + place.index(chars.len() - "isooffer1".len() - 1);
        let code = CHARS.iter().position(|char| *char == chars[at]).unwrap();
        match how {
            0 => chars[at] = CHARS[(code + by) % 32],
            1 => drop(chars.remove(at)),
            2 => chars.insert(at, chars[at]),
            _ => chars.swap(at, at + 1),
        }
        let typed = String::from_utf8(chars).unwrap();
        if typed != text {
            let error = typed.parse::<Offer>().unwrap_err();
            prop_assert!(matches!(error, OfferError::Armour(_)), "{}", error);
        }
    }

    /// A byte changed behind the checksum's back. What still is an offer has another account's
    /// policy or an empty place for a signature, and the same terms.
    #[test]
    fn a_changed_byte_never_changes_what_was_signed(place: prop::sample::Index, by in 1_u8..=255) {
        let offer = wallet(1).sign_offer(swap()).unwrap();
        let mut bytes = offer.encode();
        let at = place.index(bytes.len());
        bytes[at] = bytes[at].wrapping_add(by);
        if let Ok(read) = Offer::decode(&bytes) {
            prop_assert_eq!(read.intent(), offer.intent());
            prop_assert_eq!(read.genesis(), offer.genesis());
        }
    }

    #[test]
    fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400), text in ".{0,200}") {
        let _ = Offer::decode(&bytes);
        let _ = Offer::decode(&[&[1], &bytes[..]].concat());
        let _ = text.parse::<Offer>();
        let _ = format!("isooffer1{text}").parse::<Offer>();
    }
}
