//! The JSON that people and programs see. A change here breaks them: it needs a line in the changelog.
#![allow(clippy::unwrap_used, clippy::panic)]
use isonomy_client::api::{
    AccountQuestion, AccountReply, AssetReply, At, BalanceQuestion, BalanceReply, BlockAt,
    BlockReply, CollectionReply, Deadline, DialQuestion, Direction, EstimateQuestion,
    EstimateReply, EventEntry, EventReply, EventsQuestion, EventsReply, HeaderReply, HistoryEntry,
    HistoryQuestion, HistoryReply, Holder, HoldersQuestion, HoldersReply, Holding,
    HoldingsQuestion, HoldingsReply, IdQuestion, IndexStatus, ItemId, ItemQuestion, ItemReply,
    ItemsQuestion, ItemsReply, KeyQuestion, LaneReply, LinksReply, Lock, LockReply, LocksQuestion,
    LocksReply, MempoolReply, PROVE_KEYS_MAX, PeerReply, ProveQuestion, ProveReply, ReceiptReply,
    Rights, Status, SubmitQuestion, SubmitReply, SupplyQuestion, SupplyReply, TransactionQuestion,
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

fn refused<T: DeserializeOwned + Debug>(question: Value) {
    serde_json::from_value::<T>(question).unwrap_err();
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
    shape(&AccountQuestion { address, height: None }, json!({"address": address.to_string()}));
    let past = AccountQuestion { address, height: Some(7) };
    shape(&past, json!({"address": address.to_string(), "height": 7}));
    shape(&SupplyQuestion { height: None }, json!({}));
    shape(&SupplyQuestion { height: Some(7) }, json!({"height": 7}));
    let transaction = Blob::truncated(vec![1, 2]);
    shape(&SubmitQuestion { transaction }, json!({"transaction": "0102"}));
}

#[test]
fn a_question_with_an_unknown_field_is_refused() {
    refused::<BlockAt>(json!({"id": hex(7), "height": 7}));
    refused::<BlockAt>(json!({"hash": hex(7)}));
    refused::<BlockAt>(json!({"height": -1}));
    refused::<TransactionQuestion>(json!({"id": hex(7), "verbose": true}));
    refused::<TransactionQuestion>(json!({"id": hex(0xab).to_uppercase()}));
    refused::<AccountQuestion>(json!({"address": address().to_string(), "at": 1}));
    refused::<AccountQuestion>(json!({"address": address().to_string(), "height": -1}));
    refused::<SupplyQuestion>(json!({"block": hex(7)}));
    refused::<IdQuestion>(json!({"id": hex(7), "after": hex(7)}));
    refused::<ItemsQuestion>(json!({"address": address().to_string(), "after": hex(7)}));
    refused::<ProveQuestion>(json!({"keys": ["0g"]}));
    refused::<ProveQuestion>(json!({"keys": ["00".repeat(1_025)]}));
    let many = vec!["00"; PROVE_KEYS_MAX + 1];
    let why = serde_json::from_value::<ProveQuestion>(json!({"keys": many})).unwrap_err();
    assert!(why.to_string().contains(&format!("got 33 elements, limit {PROVE_KEYS_MAX}")), "{why}");
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
        index: Some(IndexStatus { height: 8, tip: hash(7), failed: None }),
        faucet: Some("http://127.0.0.1:9/".into()),
    };
    let want = json!({
        "version": "0.1.0", "protocol": 1, "name": "devnet", "genesis": hex(1), "height": 9,
        "tip": hex(2), "state_root": hex(3), "time": 5, "base": 4, "headers": 9, "target": 10,
        "waiting": 2, "catching_up": true, "peers": 3,
        "mempool": 8, "mining": true, "reorgs": 6,
        "index": {"height": 8, "tip": hex(7), "failed": null},
        "faucet": "http://127.0.0.1:9/",
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
        words: vec!["send 5 coins".into()],
    };
    let want = json!({"id": hex(7), "status": "waiting", "transaction": json, "receipt": null, "words": ["send 5 coins"]});
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
        "words": [],
    });
    shape(
        &TransactionReply { id, status, transaction, receipt: Some(receipt), words: Vec::new() },
        want,
    );
    shape(&SubmitReply { id }, json!({"id": hex(7)}));
}

#[test]
fn accounts_and_supply() {
    let account = AccountReply {
        at: at(),
        address: address(),
        balance: Amount::MAX,
        policy: None,
        lanes: vec![LaneReply { lane: 0, next: 4 }],
        next: 6,
    };
    let want = json!({
        "at": {"height": 7, "block": hex(7)},
        "address": address().to_string(),
        "balance": "340282366920938463463374607431768211455",
        "policy": null,
        "lanes": [{"lane": 0, "next": 4}],
        "next": 6,
    });
    shape(&account, want);
    let at_json = json!({"height": 7, "block": hex(7)});
    let supply = SupplyReply { at: at(), supply: Amount(7) };
    shape(&supply, json!({"at": at_json, "supply": "7"}));
    let question = BalanceQuestion { address: address(), asset: None, height: None };
    shape(&question, json!({"address": address().to_string(), "asset": null}));
    let question = BalanceQuestion { asset: Some(hash(8)), height: Some(3), ..question };
    let want = json!({"address": address().to_string(), "asset": hex(8), "height": 3});
    shape(&question, want);
    let reply = BalanceReply { at: at(), balance: Amount(5), frozen: true };
    shape(&reply, json!({"at": at_json, "balance": "5", "frozen": true}));
}

fn at() -> At {
    At { height: 7, block: hash(7) }
}

#[test]
fn assets_and_holdings() {
    let (at_json, address_json) = (json!({"height": 7, "block": hex(7)}), address().to_string());
    shape(&IdQuestion { id: hash(8), height: None }, json!({"id": hex(8)}));
    let rights = Rights { mint: true, burn: false, freeze: true };
    let asset = AssetReply {
        at: at(),
        id: hash(8),
        issuer: address(),
        symbol: "DEED".into(),
        name: "A boat".into(),
        decimals: 2,
        cap: Some(Amount(9)),
        rights,
        supply: Amount(5),
    };
    let want = json!({
        "at": at_json, "id": hex(8), "issuer": address_json, "symbol": "DEED", "name": "A boat",
        "decimals": 2, "cap": "9", "rights": {"mint": true, "burn": false, "freeze": true},
        "supply": "5",
    });
    shape(&asset, want);
    let question = HoldingsQuestion { address: address(), after: Some(hash(8)), height: None };
    shape(&question, json!({"address": address_json, "after": hex(8)}));
    let holdings = vec![Holding { asset: hash(8), amount: Amount(5) }];
    let reply = HoldingsReply { at: at(), holdings, next: None };
    let want = json!({"at": at_json, "holdings": [{"asset": hex(8), "amount": "5"}], "next": null});
    shape(&reply, want);
}

#[test]
fn collections_and_items() {
    let (at_json, address_json) = (json!({"height": 7, "block": hex(7)}), address().to_string());
    let collection = CollectionReply {
        at: at(),
        id: hash(8),
        issuer: address(),
        name: "Deeds".into(),
        cap: None,
        metadata_bytes: 64,
        rights: Rights { burn: true, ..Rights::default() },
        items: 3,
    };
    let want = json!({
        "at": at_json, "id": hex(8), "issuer": address_json, "name": "Deeds", "cap": null,
        "metadata_bytes": 64, "rights": {"mint": false, "burn": true, "freeze": false}, "items": 3,
    });
    shape(&collection, want);
    let (id, id_json) =
        (ItemId { collection: hash(8), number: 4 }, json!({"collection": hex(8), "number": 4}));
    shape(&ItemQuestion { collection: hash(8), number: 4, height: None }, id_json.clone());
    let (owner, content) = (address(), hash(9));
    let reply = ItemReply { at: at(), id, owner, content, metadata: "one".into() };
    let want = json!({
        "at": at_json, "id": id_json, "owner": address_json, "content": hex(9), "metadata": "one",
    });
    shape(&reply, want);
    let question = ItemsQuestion { address: address(), after: Some(id), height: Some(2) };
    shape(&question, json!({"address": address_json, "after": id_json, "height": 2}));
    let reply = ItemsReply { at: at(), items: vec![id], next: Some(id) };
    shape(&reply, json!({"at": at_json, "items": [id_json], "next": id_json}));
}

#[test]
fn conditional_payments() {
    let (at_json, address_json) = (json!({"height": 7, "block": hex(7)}), address().to_string());
    let lock = Lock {
        id: hash(1),
        maker: address(),
        asset: None,
        amount: Amount(5),
        to: address(),
        hash: hash(2),
        expires: Deadline::Height(9),
    };
    let mut want = json!({
        "id": hex(1), "maker": address_json, "asset": null, "amount": "5", "to": address_json,
        "hash": hex(2), "expires": {"height": 9},
    });
    shape(&LockReply { at: at(), lock }, json!({"at": at_json, "lock": want}));
    want["asset"] = json!(hex(3));
    want["expires"] = json!({"time": 1_000});
    let lock = Lock { asset: Some(hash(3)), expires: Deadline::Time(Wall(1_000)), ..lock };
    let reply = LocksReply { at: at(), locks: vec![lock], next: Some(64) };
    shape(&reply, json!({"at": at_json, "locks": [want], "next": 64}));
    let question = LocksQuestion { address: address(), before: Some(64), height: None };
    shape(&question, json!({"address": address_json, "before": 64}));
}

#[test]
fn proofs() {
    let keys = List::truncated(vec![Blob::truncated(vec![0, 1]), Blob::truncated(vec![])]);
    let question = ProveQuestion { keys, height: Some(7) };
    shape(&question, json!({"keys": ["0001", ""], "height": 7}));
    let values = List::truncated(vec![Some(Blob::truncated(vec![5])), None]);
    let reply = ProveReply { at: at(), values, proof: Blob::truncated(vec![0xab]) };
    let at = json!({"height": 7, "block": hex(7)});
    shape(&reply, json!({"at": at, "values": ["05", null], "proof": "ab"}));
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

#[test]
fn what_an_index_answers() {
    let address = address().to_string();
    shape(
        &HistoryQuestion { address: self::address(), before: None, limit: Some(5) },
        json!({"address": address, "limit": 5}),
    );
    refused::<HistoryQuestion>(json!({"address": address, "height": 5}));
    let key = Blob::try_from(vec![0xab]).unwrap();
    shape(
        &EventsQuestion { module: Some(1), key, before: Some("00".into()), limit: None },
        json!({"module": 1, "key": "ab", "before": "00"}),
    );
    refused::<EventsQuestion>(json!({"key": "ab".repeat(65)}));
    let question = HoldersQuestion { asset: None, after: None, limit: None };
    shape(&question, json!({"asset": null}));
    assert_eq!(serde_json::from_value::<HoldersQuestion>(json!({})).unwrap(), question);

    let (at, at_json) = (At { height: 9, block: hash(2) }, json!({"height": 9, "block": hex(2)}));
    let entry = HistoryEntry {
        transaction: Some(hash(1)),
        block: hash(2),
        height: 9,
        index: 3,
        time: Wall(5),
        roles: vec!["payer".into(), "to".into()],
        code: 0,
    };
    let want = json!({
        "transaction": hex(1), "block": hex(2), "height": 9, "index": 3, "time": 5,
        "roles": ["payer", "to"], "code": 0,
    });
    let reply = HistoryReply { at, entries: vec![entry], next: Some("0a".into()) };
    shape(&reply, json!({"at": at_json, "entries": [want], "next": "0a"}));

    let event = EventReply { module: 1, keys: Vec::new(), payload: Blob::default() };
    let entry = EventEntry { transaction: None, block: hash(2), height: 9, index: 3, event };
    let want = json!({
        "transaction": null, "block": hex(2), "height": 9, "index": 3,
        "event": {"module": 1, "keys": [], "payload": ""},
    });
    let reply = EventsReply { at, entries: vec![entry], next: None };
    shape(&reply, json!({"at": at_json, "entries": [want], "next": null}));

    let holder = Holder { address: self::address(), amount: Amount(7) };
    let reply = HoldersReply { at, holders: vec![holder], count: 1, next: None };
    let want = json!({"address": address, "amount": "7"});
    shape(&reply, json!({"at": at_json, "holders": [want], "count": 1, "next": null}));
}
