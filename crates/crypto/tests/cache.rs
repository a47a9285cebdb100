#![allow(clippy::unwrap_used, missing_docs)]
//! What a signature cache remembers.
use isonomy_crypto::{
    Claim, ClaimError, Domain, Hash, HeldClaims, InvalidClaim, InvalidClaims, PublicKey, Signature,
    SignatureCache,
};

const VOTE: Domain = Domain::new("example vote 1");

/// Nothing here is verified: the cache believes its caller.
fn claim(number: u32) -> Claim {
    let digest = VOTE.hash(&number.to_le_bytes());
    let key = PublicKey::from_bytes([1; 32]);
    Claim { key, digest, signature: Signature::from_bytes([2; 64]) }
}

/// What a cache is told that held.
fn held(claims: &[Claim]) -> HeldClaims {
    SignatureCache::new(0).unknown(claims, &[]).held(&Ok(()))
}

fn claims(numbers: core::ops::Range<u32>) -> Vec<Claim> {
    numbers.map(claim).collect()
}

#[test]
fn what_was_inserted_is_known_and_a_failure_names_its_place() {
    let mut cache = SignatureCache::new(100);
    cache.insert(&held(&claims(0..5)));
    let unknown = cache.unknown(&claims(3..8), &[3, 4, 5]);
    assert_eq!(unknown.claims(), claims(5..8));
    assert_eq!(unknown.verify(|_, _| Ok(())), Ok(()));
    for (index, place) in [(0, 2), (1, 3), (2, 4)] {
        let fails =
            |index| InvalidClaims::among([InvalidClaim { index, error: ClaimError::Wrong }]);
        let given = unknown.verify(|given, ends| {
            assert_eq!((given, ends), (unknown.claims(), &[1, 2, 3][..]));
            fails(index)
        });
        assert_eq!(given, fails(place));
        let holds = (5..8).filter(|number| *number != 5 + index as u32).map(claim);
        assert_eq!(unknown.held(&given), held(&holds.collect::<Vec<_>>()));
    }
    assert_eq!(unknown.held(&Ok(())), held(&claims(5..8)));
}

#[test]
fn a_change_anywhere_makes_another_claim() {
    let mut cache = SignatureCache::new(100);
    let known = claim(1);
    cache.insert(&held(&[known]));
    let others = [
        Claim { key: PublicKey::from_bytes([3; 32]), ..known },
        Claim { digest: Hash::ZERO, ..known },
        Claim { signature: Signature::from_bytes([4; 64]), ..known },
    ];
    assert_eq!(cache.unknown(&others, &[]).claims(), others);
}

#[test]
fn it_stays_within_its_limit_and_keeps_the_latest() {
    let mut cache = SignatureCache::new(1_000);
    for number in 0..3_000 {
        cache.insert(&held(&[claim(number)]));
        assert!(cache.len() <= 1_000);
        let latest = claims(number.saturating_sub(124)..number + 1);
        assert!(cache.unknown(&latest, &[]).claims().is_empty(), "after {number}");
    }
    assert!(cache.len() > 950, "{}", cache.len());
    assert_eq!(cache.unknown(&claims(0..3_000), &[]).claims().len(), 3_000 - cache.len());
    assert!(cache.unknown(&claims(0..500), &[]).claims().len() > 495, "the oldest go first");
}

#[test]
fn a_limit_of_next_to_nothing_is_kept_too() {
    for limit in 0..20 {
        let mut cache = SignatureCache::new(limit);
        for number in 0..30 {
            cache.insert(&held(&claims(number..number + 3)));
            assert!(cache.len() <= limit, "{} of {limit}", cache.len());
        }
        assert_eq!(cache.is_empty(), limit < 8);
    }
}

#[test]
fn what_is_known_takes_no_room_when_it_comes_again() {
    let mut cache = SignatureCache::new(8);
    cache.insert(&held(&claims(0..8)));
    for _ in 0..3 {
        cache.insert(&held(&claims(5..8)));
    }
    assert!(cache.unknown(&claims(0..8), &[]).claims().is_empty());
}
