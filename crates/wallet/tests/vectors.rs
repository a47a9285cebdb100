//! An offer's format, frozen: what was handed on before stays readable.
#![allow(clippy::unwrap_used)]
mod common;

use common::{GENESIS, wallet};
use isonomy_types::{Encode, Nonce};
use isonomy_wallet::{Offer, spare_lane};

/// Version 1, signed by wallet 1 for wallet 2: ten units of an asset against 300 coins.
const OFFER: &str = "\
    isooffer1qyrswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswqgzqqqqppa4kx3lxtev9l530yr2s5s49aj\
    avgahuy84ln07uuryv865nxzlwyzsqqqqqqqqqqqq05tafqqva2e7883y4248mxr62jnnzgualy4cwjta62p6sg7427mhzpg\
    qqqqqqqqqqqqqyqqqqqqsqq2kqqqqqqqpxm0pgp3j8fr0hxtz5hjh3ze88vg5xymms80ftuefkdyj6tutnmec0dd350ej7tp\
    0ayteq659y9f0vhtz8dlppa0umlh8qerp74yeshc2qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqpqqqrvqqqqqqqqlgh6jqqe64\
    nuw0zf2420kv85498xy3em7ftsayhm55r4q3a24ah9sqsqqqqqqqqqqqqqqqqqqqqqqqqqqqqxfwsqqqqqqqqqqgqqqqqqqq\
    qqpjqqqqqqqqqqqqzqqqqqqqpqqdcf32k0vfxgsyet5ldt246q4jaw8scx3sysx0lnstlt6w4m5rc7qgqqqqqrhv2m4ymd9n\
    wjd7lhpjfhtgv5cjj0jv9c29ljqvl6zhz3hrv6krylm853euhmj8tuvkq7xvy8n9xv9k2y3pzf730f7t6ett755y4kl0ssg9\
    a8l";

#[test]
fn an_offer_of_version_1_is_read_for_ever() {
    let offer: Offer = OFFER.parse().unwrap();
    assert_eq!(offer.to_string(), OFFER, "its only spelling");
    assert_eq!(offer.genesis(), GENESIS);
    assert_eq!(offer.encode().len(), 412);
    let signers: Vec<_> = offer.intent().signers.iter().map(|signer| signer.account).collect();
    assert_eq!(signers, [wallet(2).address(), wallet(1).address()]);
    assert_eq!(offer.unsigned()[0].account, wallet(2).address());
    let lane = spare_lane(&signers, &offer.intent().actions);
    assert_eq!(lane, 1_393);
    assert!(offer.intent().signers.iter().all(|signer| signer.nonce == Nonce { lane, seq: 0 }));
    let signed = wallet(2).sign_offer(offer).unwrap().transaction().unwrap();
    assert!(signed.check(&GENESIS).is_ok());
}
