//! What makes a committee, and what a header commits of it.
mod common;

use common::samples::{self, key, member};
use isonomy_types::{Authority, Committee, CommitteeError, Decode, Encode, MEMBERS_MAX, Member};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Members with the keys 0, 1, 2… and the given powers.
fn members(powers: &[u64]) -> Vec<Member> {
    let member = |(byte, power): (u8, &u64)| Member { key: key(byte), power: *power };
    (0..).zip(powers).map(member).collect()
}

/// `count` members whose keys differ in two bytes.
fn crowd(count: usize) -> Vec<Member> {
    let member = |number: u16| {
        let mut bytes = [0; 32];
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        Member { key: isonomy_crypto::PublicKey::from_bytes(bytes), power: 1 }
    };
    (0..).take(count).map(member).collect()
}

#[test]
fn each_rule_has_its_error() {
    use CommitteeError::*;
    let power = |got| Power { got, limit: u64::MAX };
    let limit = MEMBERS_MAX;
    let cases = [
        ("repeated", vec![member(1), member(1)], Order { index: 1 }),
        ("repeated later", vec![member(1), member(2), member(2)], Order { index: 2 }),
        ("backwards", vec![member(1), member(3), member(2)], Order { index: 2 }),
        ("powerless", members(&[1, 0, 0]), Powerless { index: 1 }),
        ("one too many", crowd(limit + 1), Many { got: limit + 1, limit }),
        ("just over", members(&[u64::MAX, 1]), power(1 << 64)),
        ("far over", members(&[u64::MAX; 3]), power(3 * u128::from(u64::MAX))),
    ];
    for (description, members, want) in cases {
        let bytes = members.encode();
        assert_eq!(Committee::new(members), Err(want), "{description}");
        let error = Committee::decode_exact(&bytes).unwrap_err();
        // A list that is too long is refused by its type, unread.
        assert!(matches!(want, Many { .. }) || error.0.contains(&want.to_string()), "{error}");
    }
}

#[test]
fn the_largest_committees_pass() {
    let largest = [members(&[u64::MAX]), members(&[u64::MAX - 1, 1]), crowd(MEMBERS_MAX)];
    for members in largest {
        let committee = Committee::new(members.clone()).unwrap();
        assert_eq!(committee.members(), members);
        assert_eq!(Committee::decode_exact(&members.encode()), Ok(committee));
    }
}

#[test]
fn nobody_is_a_committee() {
    let nobody = Committee::new(vec![]).unwrap();
    assert_eq!((nobody.power(), nobody.power_of(&key(1))), (0, 0));
    assert_eq!(nobody, Committee::default());
}

#[test]
fn the_authority_hash_binds_everything() {
    let authority = samples::authority();
    let later = Authority { rules_version: authority.rules_version + 1, ..authority.clone() };
    let fewer = Committee::new(vec![member(1), member(2)]).unwrap();
    let fewer = Authority { committee: fewer, ..authority.clone() };
    let stronger = Member { power: 9, ..member(3) };
    let stronger = Committee::new(vec![member(1), member(2), stronger]).unwrap();
    let stronger = Authority { committee: stronger, ..authority.clone() };
    for other in [later, fewer, stronger, Authority::default()] {
        assert_ne!(other.hash(), authority.hash());
    }
}

proptest! {
    /// Any members: a committee exactly if a map of them is the same list, and says the same.
    #[test]
    fn a_committee_is_an_ordered_map(
        members in prop::collection::vec((0_u8..9, 0_u64..4), 0..6),
        huge in prop::option::of(0_usize..6),
    ) {
        let mut members: Vec<Member> =
            members.into_iter().map(|(byte, power)| Member { key: key(byte), power }).collect();
        if let Some(member) = huge.and_then(|at| members.get_mut(at)) {
            member.power = u64::MAX - 3;
        }
        let map: BTreeMap<_, _> = members.iter().map(|member| (member.key, member.power)).collect();
        let sum: u128 = members.iter().map(|member| u128::from(member.power)).sum();
        let sound = map.len() == members.len()
            && map.keys().eq(members.iter().map(|member| &member.key))
            && members.iter().all(|member| member.power > 0)
            && sum <= u64::MAX.into();
        let committee = Committee::new(members);
        prop_assert_eq!(committee.is_ok(), sound);
        if let Ok(committee) = committee {
            prop_assert_eq!(committee.power(), sum);
            for byte in 0..9 {
                let power = map.get(&key(byte)).copied().unwrap_or_default();
                prop_assert_eq!(committee.power_of(&key(byte)), power);
            }
        }
    }
}
