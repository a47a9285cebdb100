//! The page's JavaScript beside the Rust that it follows: what is right verifies, and nothing altered does.
use crate::chromium::Page;
use crate::site::Site;
use isonomy_crypto::{
    Hash, STATE_LEAF, STATE_NODE, StateLeaf, StateProof, StateProofError, StateTerminal,
    state_path, state_value,
};
use isonomy_types::{
    Action, Address, Blob, Encode, Header, Intent, List, Nonce, Seal, Signer, Wall,
};
use serde_json::{Value, json};

#[path = "../../../crypto/tests/support/pairs.rs"]
mod pairs;
#[path = "../../../crypto/tests/support/state.rs"]
mod state;

use pairs::{Pairs, key};

/// Has the page answer, for each case of a list, whether `verdict` (an expression of `it`) holds.
async fn verdicts(page: &mut Page, verdict: &str, cases: &[Value]) -> Vec<Value> {
    let script = format!(
        "(async () => {{
            const [blake3, bytes, state, proof] = await Promise.all(
                ['blake3', 'bytes', 'state', 'proof'].map((it) => import(`/assets/${{it}}.js`)));
            return {}.map((it) => {{ try {{ return {verdict}; }} catch (error) {{ return `${{error.message}}`; }} }});
        }})()",
        json!(cases)
    );
    page.run(&script).await.as_array().unwrap().clone()
}

/// A state of the size of real ones' corners: none, one, many, long keys and values.
fn states() -> Vec<Pairs> {
    let mut long = Pairs::numbered(40);
    for length in [0, 1, 62, 63, 64, 65, 255, 1_023, 1_024, 1_025, 5_000] {
        long.0.insert(vec![length as u8; length % 200 + 1], vec![7; length.max(1)]);
    }
    vec![Pairs::default(), Pairs::numbered(1), Pairs::numbered(2), Pairs::numbered(300), long]
}

struct Case {
    root: Hash,
    proof: Vec<u8>,
    pairs: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Case {
    fn json(&self) -> Value {
        let hex = const_hex::encode::<&[u8]>;
        let pairs = self.pairs.iter().map(|(key, value)| {
            json!({"key": hex(key), "value": value.as_ref().map(|value| hex(value))})
        });
        json!({"root": self.root, "proof": hex(&self.proof), "pairs": pairs.collect::<Vec<_>>()})
    }

    /// What Rust says.
    fn holds(&self) -> bool {
        let claims: Vec<_> = self.pairs.iter().map(|(k, v)| (&k[..], v.as_deref())).collect();
        let proof: Result<StateProof, _> = isonomy_types::Decode::decode_exact(&self.proof);
        proof.is_ok_and(|proof| proof.verify(&self.root, &claims).is_ok())
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for state in states() {
        let there: Vec<Vec<u8>> = state.0.keys().cloned().collect();
        let mut asked =
            vec![vec![key(7)], vec![key(9_999)], vec![key(0), key(1), key(9_999), key(8_888)]];
        asked.extend(
            there.iter().step_by(there.len().max(1).div_ceil(12)).map(|key| vec![key.clone()]),
        );
        asked.push(there.iter().take(32).cloned().collect());
        for keys in asked.into_iter().filter(|keys| !keys.is_empty()) {
            let proof = state.prove(&keys).unwrap().encode();
            let pairs = keys.iter().map(|key| (key.clone(), state.0.get(key).cloned()));
            cases.push(Case { root: state.root(), proof, pairs: pairs.collect() });
        }
    }
    cases
}

/// Every case with one thing changed: a bit of the proof, a value, a key, the root, its length.
fn altered(case: &Case) -> Vec<Case> {
    let copy = || Case { root: case.root, proof: case.proof.clone(), pairs: case.pairs.clone() };
    let mut all = Vec::new();
    for at in (0..case.proof.len()).step_by(case.proof.len().div_ceil(40)) {
        let mut other = copy();
        other.proof[at] ^= 1 << (at % 8);
        all.push(other);
    }
    let mut short = copy();
    short.proof.pop();
    let mut more = copy();
    more.proof.push(0);
    let (mut value, mut key, mut root) = (copy(), copy(), copy());
    value.pairs[0].1 = match &value.pairs[0].1 {
        Some(_) => None,
        None => Some(vec![1]),
    };
    key.pairs[0].0.push(0);
    let mut bytes = root.root.to_bytes();
    bytes[31] ^= 1;
    root.root = Hash::from_bytes(bytes);
    all.extend([short, more, value, key, root]);
    all
}

#[tokio::test]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn state_proofs_verify_in_the_browser_exactly_as_in_rust() {
    let (site, mut page) = (Site::before("127.0.0.1:1").await, Page::open().await);
    page.load(&format!("{}/assets/theme.js", site.origin)).await;
    let right = cases();
    assert!(right.iter().all(Case::holds));
    let wrong: Vec<Case> = right.iter().flat_map(altered).collect();
    let (mut accepted, mut refused) = (0, 0);
    for some in right.iter().chain(&wrong).collect::<Vec<_>>().chunks(200) {
        let json: Vec<Value> = some.iter().map(|case| case.json()).collect();
        let verdict = "(state.verifyState(it.root, it.proof, it.pairs), true)";
        for (case, verdict) in some.iter().zip(verdicts(&mut page, verdict, &json).await) {
            assert_eq!(verdict == json!(true), case.holds(), "{verdict}: {}", case.json());
            *(if case.holds() { &mut accepted } else { &mut refused }) += 1;
        }
    }
    assert!(accepted >= right.len() && refused > 500, "{accepted} accepted, {refused} refused");
}

fn hash(seed: u8) -> Hash {
    Hash::from_bytes([seed; 32])
}

fn header(seed: u8) -> Header {
    Header {
        version: Default::default(),
        parent: hash(seed),
        height: u64::from(seed) * 1_000_003,
        time: Wall(1_700_000_000_000 + u64::from(seed)),
        producer: Address(hash(seed ^ 255)),
        body_root: hash(3),
        state_root: hash(4),
        receipts_root: hash(5),
        next_authority: hash(6),
        next_params: hash(7),
        seal: Seal::truncated(vec![seed; usize::from(seed)]),
    }
}

#[tokio::test]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn ids_and_addresses_are_made_in_the_browser_as_in_rust() {
    let (site, mut page) = (Site::before("127.0.0.1:1").await, Page::open().await);
    page.load(&format!("{}/assets/theme.js", site.origin)).await;
    let headers: Vec<Header> = [0, 1, 63, 64, 65, 200, 255].map(header).into();
    let ids: Vec<Value> = headers.iter().map(|header| json!(header.id())).collect();
    let asked: Vec<Value> = headers.iter().map(|header| json!(header)).collect();
    assert_eq!(verdicts(&mut page, "proof.headerId(it)", &asked).await, ids);

    // Every field counts.
    let (whole, id) = (json!(header(9)), json!(header(9).id()));
    let other = json!(header(10));
    let changed = whole.as_object().unwrap().keys().filter(|key| whole[*key] != other[*key]);
    let changed = changed.map(|key| {
        let mut one = whole.clone();
        one[key] = other[key].clone();
        one
    });
    let changed: Vec<Value> = changed.collect();
    assert_eq!(changed.len(), 5, "{changed:?}");
    for got in verdicts(&mut page, "proof.headerId(it)", &changed).await {
        assert_ne!(got, id);
        assert_eq!(got.as_str().unwrap().len(), 64, "{got}");
    }

    let intents: Vec<Intent> = [0_u8, 1, 2, 5].map(intent).into();
    let ids: Vec<Value> = intents.iter().map(|intent| json!(intent.id())).collect();
    let asked: Vec<Value> = intents.iter().map(|intent| json!(intent)).collect();
    assert_eq!(verdicts(&mut page, "proof.transactionId(it)", &asked).await, ids);

    let addresses: Vec<Value> = (0..=255_u8).map(|seed| json!(Address(hash(seed)))).collect();
    let again = verdicts(&mut page, "bytes.addressText(bytes.address(it))", &addresses).await;
    assert_eq!(again, addresses);
    let text = addresses[77].as_str().unwrap();
    let mut typos: Vec<Value> = (0..text.len())
        .map(|at| {
            let mut letters = text.as_bytes().to_vec();
            letters[at] = if letters[at] == b'q' { b'p' } else { b'q' };
            json!(String::from_utf8(letters).unwrap())
        })
        .collect();
    typos.extend([json!(text.to_uppercase()), json!(""), json!("iso1"), json!(&text[..61])]);
    for (typo, got) in typos.iter().zip(verdicts(&mut page, "bytes.address(it)", &typos).await) {
        assert!(got.as_str().is_some_and(|why| why.contains("ddress")), "{typo}: {got}");
    }
}

fn intent(actions: u8) -> Intent {
    let signer = |seed| Signer {
        account: Address(hash(seed)),
        nonce: Nonce { lane: u16::from(seed), seq: 1 << 40 },
    };
    let action = |seed| Action {
        module: u16::from(seed) + 300,
        by: seed,
        payload: Blob::truncated(vec![seed; 70 * usize::from(seed)]),
    };
    Intent {
        version: Default::default(),
        signers: List::truncated((0..=actions).map(signer).collect()),
        actions: List::truncated((0..actions).map(action).collect()),
        meter_limit: 1_000_000,
        price: 3,
        expires: 99,
    }
}

#[tokio::test]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn hashing_fits_the_published_vectors() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/blake3.json");
    let Ok(text) = std::fs::read(path) else {
        assert!(std::env::var_os("CI").is_none(), "no vectors at {path}");
        eprintln!("no vectors at {path}: nothing was compared");
        return;
    };
    let vectors: Value = serde_json::from_slice(&text).unwrap();
    let (site, mut page) = (Site::before("127.0.0.1:1").await, Page::open().await);
    page.load(&format!("{}/assets/theme.js", site.origin)).await;
    let cases = vectors["cases"].as_array().unwrap();
    let input = "Uint8Array.from({ length: it.input_len }, (_, at) => at % 251)";
    let plain = format!("bytes.hex(blake3.hash({input}))");
    let key = json!(vectors["key"]);
    let keyed = format!("bytes.hex(blake3.keyed(new TextEncoder().encode({key}), {input}))");
    for (mode, script) in [("hash", plain), ("keyed_hash", keyed)] {
        let want: Vec<Value> =
            cases.iter().map(|case| json!(case[mode].as_str().unwrap()[..64])).collect();
        assert_eq!(verdicts(&mut page, &script, cases).await, want, "{mode}");
    }
    assert!(cases.len() >= 35);
}
