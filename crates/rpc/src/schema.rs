//! JSON schemas (draft 7, as OpenRPC wants them) of what is asked and answered.
use serde_json::{Map, Value, json};

fn named(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

pub(crate) fn hash() -> Value {
    named("Hash")
}

pub(crate) fn address() -> Value {
    named("Address")
}

pub(crate) fn amount() -> Value {
    named("Amount")
}

pub(crate) fn hex() -> Value {
    named("Hex")
}

pub(crate) fn number() -> Value {
    named("Number")
}

pub(crate) fn time() -> Value {
    named("Time")
}

pub(crate) fn flag() -> Value {
    json!({"type": "boolean"})
}

pub(crate) fn text() -> Value {
    json!({"type": "string"})
}

pub(crate) fn list(of: Value) -> Value {
    json!({"type": "array", "items": of})
}

pub(crate) fn maybe(schema: Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn choice(names: &[&str]) -> Value {
    json!({"type": "string", "enum": names})
}

/// Readers ignore fields that they do not know; each of these is always there.
fn object(fields: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let fields: Map<String, Value> =
        fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "properties": fields, "required": names})
}

/// What the schemas above and below name.
pub(crate) fn components() -> Value {
    let text = |pattern: &str, what: &str| json!({"type": "string", "pattern": pattern, "description": what});
    json!({"schemas": {
        "Hash": text("^[0-9a-f]{64}$", "32 bytes in hex"),
        "Address": text("^iso1[0-9a-z]+$", "an account, in bech32m"),
        "Amount": text("^[0-9]{1,39}$", "in the smallest unit"),
        "Hex": text("^([0-9a-f]{2})*$", "bytes in hex"),
        "Number": {"type": "integer", "minimum": 0},
        "Time": {"type": "integer", "minimum": 0, "description": "milliseconds since 1970"},
        "At": object(&[("height", number()), ("block", hash())]),
        "Header": object(&[
            ("version", number()), ("parent", hash()), ("height", number()), ("time", time()),
            ("producer", address()), ("body_root", hash()), ("state_root", hash()),
            ("receipts_root", hash()), ("next_authority", hash()), ("next_params", hash()),
            ("seal", hex()),
        ]),
        "Transaction": object(&[("intent", intent()), ("witnesses", list(witness()))]),
        "Event": object(&[("module", number()), ("keys", list(hex())), ("payload", hex())]),
        "Item": object(&[("collection", hash()), ("number", number())]),
        "Lock": object(&[
            ("id", hash()), ("maker", address()), ("asset", maybe(hash())), ("amount", amount()),
            ("to", address()), ("hash", hash()), ("expires", deadline()),
        ]),
    }})
}

fn intent() -> Value {
    let nonce = object(&[("lane", number()), ("seq", number())]);
    let signer = object(&[("account", address()), ("nonce", nonce)]);
    let action = object(&[("module", number()), ("by", number()), ("payload", hex())]);
    object(&[
        ("version", number()),
        ("signers", list(signer)),
        ("actions", list(action)),
        ("meter_limit", number()),
        ("price", number()),
        ("expires", number()),
    ])
}

fn witness() -> Value {
    let keys = object(&[("needed", number()), ("keys", list(hash()))]);
    let policy = json!({"anyOf": [
        object(&[("key", hash())]), object(&[("keys", keys)]), object(&[("contract", hash())]),
        object(&[("module", number())]),
    ]});
    object(&[("policy", policy), ("signatures", list(maybe(hex())))])
}

fn deadline() -> Value {
    json!({"anyOf": [object(&[("height", number())]), object(&[("time", time())])]})
}

fn at() -> Value {
    named("At")
}

pub(crate) fn item_id() -> Value {
    named("Item")
}

pub(crate) fn topic() -> Value {
    choice(&["heads", "reorganisations", "blocks", "mempool", "events"])
}

pub(crate) fn status() -> Value {
    let index = object(&[("height", number()), ("tip", hash()), ("failed", maybe(text()))]);
    object(&[
        ("version", text()),
        ("protocol", number()),
        ("name", text()),
        ("genesis", hash()),
        ("height", number()),
        ("tip", hash()),
        ("state_root", hash()),
        ("time", time()),
        ("base", number()),
        ("headers", number()),
        ("target", number()),
        ("waiting", number()),
        ("catching_up", flag()),
        ("peers", number()),
        ("mempool", number()),
        ("mining", flag()),
        ("reorgs", number()),
        ("index", maybe(index)),
        ("faucet", maybe(text())),
    ])
}

/// A page of entries, and where the next goes on.
fn entries(entry: Value) -> Value {
    object(&[("at", named("At")), ("entries", list(entry)), ("next", maybe(text()))])
}

pub(crate) fn history() -> Value {
    let entry = object(&[
        ("transaction", maybe(hash())),
        ("block", hash()),
        ("height", number()),
        ("index", number()),
        ("time", time()),
        ("roles", list(text())),
        ("code", number()),
    ]);
    entries(entry)
}

pub(crate) fn events() -> Value {
    let entry = object(&[
        ("transaction", maybe(hash())),
        ("block", hash()),
        ("height", number()),
        ("index", number()),
        ("event", named("Event")),
    ]);
    entries(entry)
}

pub(crate) fn holders() -> Value {
    let holder = object(&[("address", address()), ("amount", amount())]);
    object(&[
        ("at", named("At")),
        ("holders", list(holder)),
        ("count", number()),
        ("next", maybe(text())),
    ])
}

pub(crate) fn header() -> Value {
    object(&[
        ("id", hash()),
        ("header", named("Header")),
        ("confirmations", maybe(number())),
        ("best", flag()),
    ])
}

pub(crate) fn block() -> Value {
    let summary =
        object(&[("id", hash()), ("payer", address()), ("actions", number()), ("size", number())]);
    object(&[
        ("id", hash()),
        ("header", named("Header")),
        ("confirmations", maybe(number())),
        ("transactions", list(summary)),
        ("size", number()),
    ])
}

pub(crate) fn transaction() -> Value {
    let place = object(&[
        ("block", hash()),
        ("height", number()),
        ("index", number()),
        ("confirmations", number()),
    ]);
    let status = json!({"anyOf": [choice(&["waiting"]), object(&[("confirmed", place)])]});
    let receipt = object(&[
        ("code", number()),
        ("meter", number()),
        ("fee", amount()),
        ("events", list(named("Event"))),
    ]);
    object(&[
        ("id", hash()),
        ("status", status),
        ("transaction", named("Transaction")),
        ("receipt", maybe(receipt)),
        ("words", list(text())),
    ])
}

pub(crate) fn decode() -> Value {
    object(&[("id", hash()), ("transaction", named("Transaction")), ("words", list(text()))])
}

pub(crate) fn account() -> Value {
    let lane = object(&[("lane", number()), ("next", number())]);
    object(&[
        ("at", at()),
        ("address", address()),
        ("balance", amount()),
        ("policy", maybe(hash())),
        ("lanes", list(lane)),
        ("next", number()),
    ])
}

pub(crate) fn balance() -> Value {
    object(&[("at", at()), ("balance", amount()), ("frozen", flag())])
}

pub(crate) fn supply() -> Value {
    object(&[("at", at()), ("supply", amount())])
}

fn rights() -> Value {
    object(&[("mint", flag()), ("burn", flag()), ("freeze", flag())])
}

pub(crate) fn asset() -> Value {
    object(&[
        ("at", at()),
        ("id", hash()),
        ("issuer", address()),
        ("symbol", text()),
        ("name", text()),
        ("decimals", number()),
        ("cap", maybe(amount())),
        ("rights", rights()),
        ("supply", amount()),
    ])
}

pub(crate) fn collection() -> Value {
    object(&[
        ("at", at()),
        ("id", hash()),
        ("issuer", address()),
        ("name", text()),
        ("cap", maybe(number())),
        ("metadata_bytes", number()),
        ("rights", rights()),
        ("items", number()),
    ])
}

pub(crate) fn holdings() -> Value {
    let holding = object(&[("asset", hash()), ("amount", amount())]);
    object(&[("at", at()), ("holdings", list(holding)), ("next", maybe(hash()))])
}

pub(crate) fn item() -> Value {
    object(&[
        ("at", at()),
        ("id", item_id()),
        ("owner", address()),
        ("content", hash()),
        ("metadata", text()),
    ])
}

pub(crate) fn items() -> Value {
    object(&[("at", at()), ("items", list(item_id())), ("next", maybe(item_id()))])
}

pub(crate) fn lock() -> Value {
    object(&[("at", at()), ("lock", named("Lock"))])
}

pub(crate) fn locks() -> Value {
    object(&[("at", at()), ("locks", list(named("Lock"))), ("next", maybe(number()))])
}

pub(crate) fn prove() -> Value {
    object(&[("at", at()), ("values", list(maybe(hex()))), ("proof", hex())])
}

pub(crate) fn peers() -> Value {
    list(object(&[
        ("key", hash()),
        ("direction", choice(&["inbound", "outbound"])),
        ("address", maybe(text())),
        ("agent", text()),
        ("height", number()),
        ("ready", flag()),
        ("bytes_in", number()),
        ("bytes_out", number()),
        ("useful", number()),
    ]))
}

pub(crate) fn mempool() -> Value {
    object(&[
        ("transactions", number()),
        ("bytes", number()),
        ("least_price", number()),
        ("ids", list(hash())),
    ])
}

pub(crate) fn estimate() -> Value {
    object(&[("price", number()), ("base_price", number())])
}

pub(crate) fn submit() -> Value {
    object(&[("id", hash())])
}

pub(crate) fn tips() -> Value {
    list(object(&[
        ("id", hash()),
        ("height", number()),
        ("best", flag()),
        ("executed", flag()),
        ("since", maybe(number())),
    ]))
}

pub(crate) fn branches() -> Value {
    list(object(&[
        ("id", hash()),
        ("parent", hash()),
        ("height", number()),
        ("time", time()),
        ("best", flag()),
    ]))
}

pub(crate) fn series() -> Value {
    list(object(&[
        ("height", number()),
        ("time", time()),
        ("transactions", number()),
        ("fees", amount()),
        ("meter", number()),
        ("size", maybe(number())),
    ]))
}

pub(crate) fn find() -> Value {
    let kinds = ["block", "transaction", "account", "asset", "collection", "item", "lock"];
    list(object(&[("kind", choice(&kinds)), ("id", text()), ("height", maybe(number()))]))
}

pub(crate) fn subscribe() -> Value {
    object(&[("subscription", number())])
}

pub(crate) fn links() -> Value {
    object(&[("key", hash()), ("cut", list(hash()))])
}

pub(crate) fn document() -> Value {
    json!({"type": "object"})
}
