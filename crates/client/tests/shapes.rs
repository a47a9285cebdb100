//! The JSON that people and programs see. A change here breaks them: it needs a line in the changelog.
#![allow(clippy::unwrap_used, clippy::panic)]
use isonomy_client::api::{
    AccountQuestion, AccountReply, BlockAt, BlockReply, DialQuestion, Direction, EstimateQuestion,
    EstimateReply, EventReply, HeaderReply, KeyQuestion, LaneReply, LinksReply, MempoolReply,
    PeerReply, ReceiptReply, Status, SubmitQuestion, SubmitReply, SupplyReply, TransactionQuestion,
    TransactionReply, TransactionStatus, TransactionSummary,
};
use isonomy_crypto::Hash;
use isonomy_types::{
    Address, Amount, Blob, Header, Intent, List, NodeKey, Seal, Transaction, Version, Wall,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::fmt::Debug;

fn hash(byte: u8) -> Hash {
    Hash::from_bytes([byte; 32])
}

fn hex(byte: u8) -> String {
    format!("{byte:02x}").repeat(32)
}

fn address() -> Address {
    Address(hash(0x0a))
}

fn shape<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, want: Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), want);
    assert_eq!(&serde_json::from_value::<T>(want).unwrap(), value);
}

fn header() -> Header {
    Header {
        version: Version,
        parent: hash(1),
        height: 9,
        time: Wall(1_700_000_000_000),
        producer: address(),
        body_root: hash(2),
        state_root: hash(3),
        receipts_root: hash(4),
        next_authority: hash(5),
        next_params: hash(6),
        seal: Seal::truncated(vec![0, 255]),
    }
}

fn header_json() -> Value {
    json!({
        "version": 1,
        "parent": hex(1),
        "height": 9,
        "time": 1_700_000_000_000_u64,
        "producer": address().to_string(),
        "body_root": hex(2),
        "state_root": hex(3),
        "receipts_root": hex(4),
        "next_authority": hex(5),
        "next_params": hex(6),
        "seal": "00ff",
    })
}

#[test]
fn questions() {
    shape(&BlockAt::Id(hash(7)), json!({"id": hex(7)}));
    shape(&BlockAt::Height(7), json!({"height": 7}));
    shape(&TransactionQuestion { id: hash(7) }, json!({"id": hex(7)}));
    let address = address();
    shape(&AccountQuestion { address }, json!({"address": address.to_string()}));
    let transaction = Blob::truncated(vec![1, 2]);
    shape(&SubmitQuestion { transaction }, json!({"transaction": "0102"}));
}

#[test]
fn a_question_with_an_unknown_field_is_refused() {
    fn refused<T: DeserializeOwned + Debug>(question: Value) {
        serde_json::from_value::<T>(question).unwrap_err();
    }
    refused::<BlockAt>(json!({"id": hex(7), "height": 7}));
    refused::<BlockAt>(json!({"hash": hex(7)}));
    refused::<BlockAt>(json!({"height": -1}));
    refused::<TransactionQuestion>(json!({"id": hex(7), "verbose": true}));
    refused::<TransactionQuestion>(json!({"id": hex(0xab).to_uppercase()}));
    refused::<AccountQuestion>(json!({"address": address().to_string(), "height": 1}));
    refused::<KeyQuestion>(json!({"key": hex(0xab), "address": "127.0.0.1:1"}));
    refused::<DialQuestion>(json!({"address": "somewhere:1"}));
    refused::<SubmitQuestion>(json!({"transaction": "01", "fee": 1}));
}

#[test]
fn status() {
    let status = Status {
        version: "0.1.0".into(),
        protocol: 1,
        name: "devnet".into(),
        genesis: hash(1),
        height: 9,
        tip: hash(2),
        state_root: hash(3),
        time: Wall(5),
        base: 4,
        headers: 9,
        target: 10,
        waiting: 2,
        catching_up: true,
        peers: 3,
        mempool: 8,
        mining: true,
        reorgs: 6,
    };
    let want = json!({
        "version": "0.1.0", "protocol": 1, "name": "devnet", "genesis": hex(1), "height": 9,
        "tip": hex(2), "state_root": hex(3), "time": 5, "base": 4, "headers": 9, "target": 10,
        "waiting": 2, "catching_up": true, "peers": 3,
        "mempool": 8, "mining": true, "reorgs": 6,
    });
    shape(&status, want);
}

#[test]
fn headers_and_blocks() {
    let (id, header) = (hash(7), header());
    let reply = HeaderReply { id, header: header.clone(), confirmations: Some(2), best: true };
    let mut want = json!({"id": hex(7), "header": header_json(), "confirmations": 2, "best": true});
    shape(&reply, want.clone());
    want["confirmations"] = Value::Null;
    want["best"] = json!(false);
    shape(&HeaderReply { confirmations: None, best: false, ..reply }, want);

    let summary = TransactionSummary { id: hash(8), payer: address(), actions: 1, size: 200 };
    let transactions = vec![summary];
    let reply = BlockReply { id, header, confirmations: None, transactions, size: 204 };
    let want = json!({
        "id": hex(7),
        "header": header_json(),
        "confirmations": null,
        "transactions": [
            {"id": hex(8), "payer": address().to_string(), "actions": 1, "size": 200}
        ],
        "size": 204,
    });
    shape(&reply, want);
}

#[test]
fn transactions() {
    let intent = Intent {
        version: Version,
        signers: List::default(),
        actions: List::default(),
        meter_limit: 1,
        price: 2,
        expires: 3,
    };
    let json = json!({
        "intent": {
            "version": 1, "signers": [], "actions": [], "meter_limit": 1, "price": 2, "expires": 3
        },
        "witnesses": [],
    });
    let transaction = Transaction::new(intent, List::default());
    let id = hash(7);
    let waiting = TransactionReply {
        id,
        status: TransactionStatus::Waiting,
        transaction: transaction.clone(),
        receipt: None,
    };
    let want = json!({"id": hex(7), "status": "waiting", "transaction": json, "receipt": null});
    shape(&waiting, want);

    let payload = Blob::truncated(vec![9]);
    let keys = vec![Blob::truncated(vec![7, 8]), Blob::truncated(Vec::new())];
    let events = vec![EventReply { module: 1, keys, payload }];
    let receipt = ReceiptReply { code: 0, meter: 5_000, fee: Amount(10_000), events };
    let status =
        TransactionStatus::Confirmed { block: hash(8), height: 9, index: 1, confirmations: 3 };
    let want = json!({
        "id": hex(7),
        "status": {
            "confirmed": {"block": hex(8), "height": 9, "index": 1, "confirmations": 3}
        },
        "transaction": json,
        "receipt": {
            "code": 0, "meter": 5_000, "fee": "10000", "events": [{"module": 1, "keys": ["0708", ""], "payload": "09"}]
        },
    });
    shape(&TransactionReply { id, status, transaction, receipt: Some(receipt) }, want);
    shape(&SubmitReply { id }, json!({"id": hex(7)}));
}

#[test]
fn accounts_and_supply() {
    let account = AccountReply {
        address: address(),
        balance: Amount::MAX,
        policy: None,
        lanes: vec![LaneReply { lane: 0, next: 4 }],
        next: 6,
    };
    let want = json!({
        "address": address().to_string(),
        "balance": "340282366920938463463374607431768211455",
        "policy": null,
        "lanes": [{"lane": 0, "next": 4}],
        "next": 6,
    });
    shape(&account, want);
    shape(&SupplyReply { supply: Amount(7) }, json!({"supply": "7"}));
}

#[test]
fn peers_and_mempool() {
    let peer = PeerReply {
        key: hex(1),
        direction: Direction::Inbound,
        address: Some("127.0.0.1:7331".into()),
        agent: "isonomy/0.1.0".into(),
        height: 9,
        ready: true,
        bytes_in: 1,
        bytes_out: 2,
        useful: 3,
    };
    let want = json!({
        "key": hex(1), "direction": "inbound", "address": "127.0.0.1:7331",
        "agent": "isonomy/0.1.0", "height": 9, "ready": true, "bytes_in": 1, "bytes_out": 2,
        "useful": 3,
    });
    shape(&peer, want);
    shape(&EstimateReply { price: 5, base_price: 4 }, json!({"price": 5, "base_price": 4}));
    shape(&EstimateQuestion { blocks: 3 }, json!({"blocks": 3}));
    let mempool = MempoolReply { transactions: 2, bytes: 400, least_price: 3, ids: vec![hash(1)] };
    shape(&mempool, json!({"transactions": 2, "bytes": 400, "least_price": 3, "ids": [hex(1)]}));
}

#[test]
fn links_of_a_network_of_tests() {
    let (key, other) = (NodeKey([0xab; 32]), NodeKey([0xcd; 32]));
    shape(&KeyQuestion { key }, json!({"key": hex(0xab)}));
    let address = "127.0.0.1:7331".parse().unwrap();
    shape(&DialQuestion { address }, json!({"address": "127.0.0.1:7331"}));
    let reply = LinksReply { key, cut: vec![other] };
    shape(&reply, json!({"key": hex(0xab), "cut": [hex(0xcd)]}));
}
