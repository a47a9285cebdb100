//! Questions that take long, fail or ask for much.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods
)]
mod common;

use common::{Hosts, exchange, head, miner, serve};
use isonomy_chain::{Archive, StoreFailed};
use isonomy_client::{Client, ClientError, api::code};
use isonomy_crypto::{Hash, Secret};
use isonomy_ledger::{Receipt, assets};
use isonomy_rpc::{ANSWER_BYTES_MAX, BATCH_MAX, READS_MAX, Source};
use isonomy_sim::coin::Coin;
use isonomy_types::{
    Action, Blob, Body, Entry, Intent, List, Nonce, Policy, Signer, Transaction, Version, Witness,
};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// An archive that does as it is told, whatever it is asked.
struct Told<F>(F);

impl<F: Fn() -> Result<(), StoreFailed> + Send + Sync> Archive for Told<F> {
    fn body(&self, _: &Hash) -> Result<Option<Body>, StoreFailed> {
        (self.0)().map(|()| None)
    }

    fn headers(&self, _: &[Hash], _: usize, _: usize) -> Result<Vec<Entry>, StoreFailed> {
        (self.0)().map(|()| Vec::new())
    }

    fn entry_at(&self, _: u64) -> Result<Option<Entry>, StoreFailed> {
        (self.0)().map(|()| None)
    }

    fn entry(&self, _: &Hash) -> Result<Option<Entry>, StoreFailed> {
        (self.0)().map(|()| None)
    }

    fn transaction(&self, _: &Hash) -> Result<Option<(Hash, u32)>, StoreFailed> {
        (self.0)().map(|()| None)
    }

    fn receipts(&self, _: &Hash) -> Result<Option<Vec<Receipt>>, StoreFailed> {
        (self.0)().map(|()| None)
    }
}

async fn told(
    tell: impl Fn() -> Result<(), StoreFailed> + Send + Sync + 'static,
) -> (Hosts, Client) {
    let coin = Coin::new(1).unwrap();
    let hosts = Hosts::start(1, vec![miner(&coin, 0)]);
    let source = Source { archive: Arc::new(Told(tell)), ..hosts.source(0) };
    let (_, client) = serve(source).await;
    (hosts, client)
}

fn internal(error: &ClientError) -> &str {
    match error {
        ClientError::Refused { code: code::INTERNAL, message } => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_store_that_fails_is_no_missing_block() {
    let (_hosts, node) = told(|| Err(StoreFailed { why: "the disk is on fire".into() })).await;
    let id = Hash::from_bytes([1; 32]);
    let errors = [node.header(id).await.map(drop), node.transaction(id).await.map(drop)];
    for error in errors {
        let error = error.unwrap_err();
        let message = internal(&error);
        assert!(message.contains("the disk is on fire") && message.contains("see its log"));
    }
    assert_eq!(node.status().await.unwrap().height, 0);
}

#[tokio::test]
async fn a_question_that_panics_is_refused_and_the_server_goes_on() {
    let (_hosts, node) = told(|| panic!("a bug")).await;
    for _ in 0..3 * READS_MAX {
        let error = node.header(Hash::ZERO).await.unwrap_err();
        assert!(internal(&error).contains("a question panicked"), "{error}");
    }
    assert_eq!(node.status().await.unwrap().height, 0);
}

#[tokio::test]
async fn attack_79_slow_questions_are_few_at_a_time() {
    static NOW: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let (_hosts, node) = told(|| {
        MOST.fetch_max(NOW.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(50));
        NOW.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    })
    .await;
    let ask = |_| {
        let node = node.clone();
        tokio::spawn(async move { node.header(Hash::ZERO).await })
    };
    let asked: Vec<_> = (0..5 * READS_MAX).map(ask).collect();
    // What does not need the archive does not wait for it.
    assert_eq!(node.status().await.unwrap().height, 0);
    for answer in asked {
        assert!(answer.await.unwrap().unwrap_err().is_not_found());
    }
    assert_eq!(MOST.load(Ordering::SeqCst), READS_MAX);
}

/// As large as a transaction can be, and nothing but bytes.
fn large(genesis: &Hash, secret: &Secret) -> Transaction {
    let policy = Policy::Key(secret.public());
    let nonce = Nonce { lane: 0, seq: 0 };
    let payload = Blob::truncated(vec![0xff; 65_400]);
    let action = Action { module: assets::ID, by: 0, payload };
    let intent = Intent {
        version: Version,
        signers: List::truncated(vec![Signer { account: policy.address(), nonce }]),
        actions: List::truncated(vec![action; 2]),
        meter_limit: 300_000,
        price: 1,
        expires: 1_000,
    };
    let signature = secret.sign(&intent.signing_digest(genesis), &[0; 32]).unwrap();
    let witness = Witness { policy, signatures: List::truncated(vec![Some(signature)]) };
    Transaction::new(intent, List::truncated(vec![witness]))
}

#[tokio::test]
async fn attack_79_a_batchs_answer_is_bounded() {
    let mut coin = Coin::new(2).unwrap();
    let hosts = Hosts::start(2, vec![miner(&coin, 0)]);
    let (address, node) = serve(hosts.source(0)).await;
    let secret = Secret::from_bytes(&[3; 32]).unwrap();
    let payer = Policy::Key(secret.public()).address();
    node.submit(&coin.wallets[1].transfer(payer, 1_000_000)).await.unwrap();
    hosts.mine(0, 2);
    let large = large(&coin.id(), &secret);
    let id = node.submit(&large).await.unwrap().id;

    let call = |number: usize| json!({"jsonrpc": "2.0", "id": number, "method": "transaction", "params": [id]});
    let batch = Value::Array((0..BATCH_MAX).map(call).collect()).to_string();
    let request = head(address, batch.len()) + &batch;
    let (status, answer) = exchange(address, request.as_bytes()).await;
    assert_eq!(status, 200);
    assert!(answer.len() <= ANSWER_BYTES_MAX + BATCH_MAX * 300, "{}", answer.len());
    let answers: Vec<Value> = serde_json::from_str(&answer).unwrap();
    assert_eq!(answers.len(), BATCH_MAX);
    let served = answers.iter().take_while(|answer| answer.get("result").is_some()).count();
    assert!((BATCH_MAX / 2..BATCH_MAX).contains(&served), "{served}");
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer["id"], number);
    }
    let error = &answers[served]["error"];
    assert_eq!(error["code"], code::REQUEST);
    assert!(error["message"].as_str().unwrap().contains("ask for less"), "{error}");
}
