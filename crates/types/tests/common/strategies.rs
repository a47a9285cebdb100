//! Any value of each wire type.
use super::{blob, list};
use isonomy_crypto::{Hash, PublicKey, Signature};
use isonomy_types::{
    Action, Address, Amount, Authority, Blob, Block, Body, Certificate, Committee, Entry, Header,
    Intent, Keys, Member, Nonce, Params, Policy, Seal, Signer, Text, Transaction, Version, Wall,
    Witness,
};
use proptest::array::uniform32;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

pub(crate) fn hash() -> impl Strategy<Value = Hash> {
    uniform32(any::<u8>()).prop_map(Hash::from_bytes)
}

pub(crate) fn address() -> impl Strategy<Value = Address> {
    hash().prop_map(Address)
}

pub(crate) fn key() -> impl Strategy<Value = PublicKey> {
    uniform32(any::<u8>()).prop_map(PublicKey::from_bytes)
}

fn signature() -> impl Strategy<Value = Signature> {
    (hash(), hash()).prop_map(|(r, s)| {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(r.as_bytes());
        bytes[32..].copy_from_slice(s.as_bytes());
        Signature::from_bytes(bytes)
    })
}

pub(crate) fn amount() -> impl Strategy<Value = Amount> {
    any::<u128>().prop_map(Amount)
}

pub(crate) fn bytes<const MAX: usize>() -> impl Strategy<Value = Blob<MAX>> {
    vec(any::<u8>(), 0..=MAX.min(300)).prop_map(blob)
}

pub(crate) fn text() -> impl Strategy<Value = Text<64>> {
    ".{0,16}".prop_map(|text| Text::try_from(text).unwrap())
}

pub(crate) fn nonce() -> impl Strategy<Value = Nonce> {
    any::<(u16, u64)>().prop_map(|(lane, seq)| Nonce { lane, seq })
}

pub(crate) fn signer() -> impl Strategy<Value = Signer> {
    (address(), nonce()).prop_map(|(account, nonce)| Signer { account, nonce })
}

pub(crate) fn action() -> impl Strategy<Value = Action> {
    let fields = (any::<u16>(), any::<u8>(), bytes());
    fields.prop_map(|(module, by, payload)| Action { module, by, payload })
}

pub(crate) fn intent() -> impl Strategy<Value = Intent> {
    let numbers = any::<(u64, u64, u64)>();
    let fields = (vec(signer(), 0..4), vec(action(), 0..4), numbers);
    fields.prop_map(|(signers, actions, (meter_limit, price, expires))| Intent {
        version: Version,
        signers: list(signers),
        actions: list(actions),
        meter_limit,
        price,
        expires,
    })
}

pub(crate) fn keys() -> impl Strategy<Value = Keys> {
    let fields = (btree_set(key(), 1..=16), any::<prop::sample::Index>());
    fields.prop_map(|(keys, needed)| {
        let needed = 1 + u8::try_from(needed.index(keys.len())).unwrap();
        Keys::new(needed, keys.into_iter().collect()).unwrap()
    })
}

pub(crate) fn policy() -> impl Strategy<Value = Policy> {
    prop_oneof![
        key().prop_map(Policy::Key),
        keys().prop_map(Policy::Keys),
        hash().prop_map(Policy::Contract),
        any::<u16>().prop_map(Policy::Module),
    ]
}

/// Any with at most as many places as keys: others cannot be decoded.
pub(crate) fn witness() -> impl Strategy<Value = Witness> {
    policy().prop_flat_map(|policy| {
        let places = policy.signing().map_or(0, |(_, keys)| keys.len());
        let signatures = vec(option::of(signature()), 0..=places).prop_map(list);
        signatures.prop_map(move |signatures| Witness { policy: policy.clone(), signatures })
    })
}

pub(crate) fn transaction() -> impl Strategy<Value = Transaction> {
    let fields = (intent(), vec(witness(), 0..3));
    fields.prop_map(|(intent, witnesses)| Transaction::new(intent, list(witnesses)))
}

pub(crate) fn member() -> impl Strategy<Value = Member> {
    (key(), any::<u64>()).prop_map(|(key, power)| Member { key, power })
}

pub(crate) fn committee() -> impl Strategy<Value = Committee> {
    btree_map(key(), 1..=u64::MAX / 8, 0..=8).prop_map(|members| {
        let member = |(key, power)| Member { key, power };
        Committee::new(members.into_iter().map(member).collect()).unwrap()
    })
}

pub(crate) fn authority() -> impl Strategy<Value = Authority> {
    let fields = (any::<u32>(), committee());
    fields.prop_map(|(rules_version, committee)| Authority { rules_version, committee })
}

pub(crate) fn params() -> impl Strategy<Value = Params> {
    let fields = any::<([u32; 12], [u64; 4])>();
    fields.prop_map(|(small, [body_meter, base_fee, base_fee_floor, base_fee_ceiling])| Params {
        body_bytes: small[0],
        body_meter,
        transaction_bytes: small[1],
        signers: small[2],
        actions: small[3],
        payload_bytes: small[4],
        key_bytes: small[5],
        value_bytes: small[6],
        events: small[7],
        event_bytes: small[8],
        base_fee,
        base_fee_floor,
        base_fee_ceiling,
        target_per_mille: small[9],
        change_per_mille: small[10],
        burned_per_mille: small[11],
    })
}

pub(crate) fn header() -> impl Strategy<Value = Header> {
    let seal = bytes::<{ isonomy_types::SEAL_BYTES_MAX }>();
    let fields = ([hash(), hash(), hash(), hash(), hash(), hash()], any::<(u64, u64)>(), address());
    (fields, seal).prop_map(|((hashes, (height, time), producer), seal): (_, Seal)| {
        let [parent, body_root, state_root, receipts_root, next_authority, next_params] = hashes;
        let (version, time) = (Version, Wall(time));
        Header {
            version,
            parent,
            height,
            time,
            producer,
            body_root,
            state_root,
            receipts_root,
            next_authority,
            next_params,
            seal,
        }
    })
}

pub(crate) fn body() -> impl Strategy<Value = Body> {
    vec(transaction(), 0..3).prop_map(|transactions| Body { transactions: list(transactions) })
}

pub(crate) fn block() -> impl Strategy<Value = Block> {
    (header(), body()).prop_map(|(header, body)| Block { header, body })
}

pub(crate) fn entry() -> impl Strategy<Value = Entry> {
    let certificate = vec(any::<u8>(), 0..300).prop_map(Certificate::truncated);
    let fields = (header(), option::of(authority()), option::of(certificate));
    fields.prop_map(|(header, authority, certificate)| Entry { header, authority, certificate })
}
