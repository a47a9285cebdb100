//! What strangers wrote is shown as text, and a node that lies is caught where the page can catch it.
use crate::chromium::Page;
use crate::network::Network;
use crate::site::Site;
use serde_json::json;

const MARKUP: &str = "<img src=x onerror=alert(1)><script>alert(2)</script>";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn strangers_words_are_text_and_turn_nothing_around() {
    let network = Network::start().await;
    let site = Site::before(&network.rpc).await;
    let (account, id) = (network.account(), "ab".repeat(32));
    let at = json!({"height": 1, "block": id});
    let rights = json!({"mint": true, "burn": true, "freeze": true});
    let name = format!("\u{202e}{MARKUP}\u{0}\u{200b}");
    site.answer("asset", json!({
        "at": at, "id": id, "issuer": account, "symbol": MARKUP, "name": name, "decimals": 2, "cap": null,
        "rights": rights, "supply": "340282366920938463463374607431768211455",
    }));
    site.answer("collection", json!({
        "at": at, "id": id, "issuer": account, "name": name, "cap": 5, "metadata_bytes": 9, "rights": rights, "items": 1,
    }));
    site.answer("item", json!({
        "at": at, "id": {"collection": id, "number": 3}, "owner": account, "content": id, "metadata": name,
    }));
    site.answer(
        "holdings",
        json!({"at": at, "holdings": [{"asset": id, "amount": "12345"}], "next": null}),
    );
    site.answer("holders", json!({"at": at, "holders": [{"address": account, "amount": "12345"}], "count": 1, "next": null}));
    site.answer("lock", json!({"at": at, "lock": {
        "id": id, "maker": account, "asset": null, "amount": "7", "to": account, "hash": id, "expires": {"height": 9},
    }}));
    site.answer("history", json!({"at": at, "next": "on", "entries": [{"transaction": null, "block": id, "height": 1, "index": 0, "time": 1_700_000_000_000_u64, "roles": ["event"], "code": 0}, {
        "transaction": id, "block": id, "height": 1, "index": 0, "time": 1_700_000_000_000_u64, "roles": ["payer", "from"], "code": 0,
    }]}));
    site.answer(
        "peers",
        json!([
            peer("aa", MARKUP, "inbound", json!(3), true),
            peer("bb", "isonomy", "outbound", json!(240), true),
            peer("cc", "isonomy", "outbound", json!(null), false),
            peer("dd", "isonomy", "inbound", json!(31), true),
        ]),
    );
    site.answer(
        "find",
        json!([{"kind": "asset", "id": id, "label": MARKUP}, {"kind": "item", "id": format!("{id}/3")}, {"kind": "account", "id": account}]),
    );
    let mut page = Page::open().await;
    page.load(&site.origin).await;
    page.wait("document.querySelector('#height')").await;
    for (hash, title, shows) in [
        (format!("#/asset/{id}"), "Asset", "3 402 823 669 209 384 634 633 746 074 317 682 114.55"),
        (format!("#/collection/{id}"), "Collection", "<img"),
        (format!("#/item/{id}/3"), "Item 3", "<img"),
        (format!("#/account/{account}"), "Account", "123.45"),
        (format!("#/lock/{id}"), "Lock", "7 coins"),
        ("#/peers".into(), "Peers", "<img"),
        ("#/find/all".into(), "3 results", "<img"),
        ("#/find/all".into(), "3 results", "item "),
        (format!("#/account/{account}"), "Account", "the block itself"),
    ] {
        page.follow(&hash, title).await;
        page.wait(&format!(
            "document.querySelector('main').innerText.replaceAll('\\u202f', ' ').includes({})",
            json!(shows)
        ))
        .await;
        assert_eq!(
            page.run("document.querySelectorAll('main img, main script').length").await,
            json!(0),
            "{hash}"
        );
        assert_eq!(
            page.run("/[\\u202e\\u200b\\u0000]/.test(document.querySelector('main').textContent)")
                .await,
            json!(false),
            "{hash}"
        );
        page.picture(&format!("strange-{}", title.split(' ').next().unwrap().to_lowercase())).await;
    }
    page.follow("#/find/all", "3 results").await;
    page.wait(&format!("document.querySelector('a[href=\"#/item/{id}/3\"]')")).await;
    page.assert_clean(&site.origin);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn actions_are_told_in_the_node_s_words_with_links() {
    let network = Network::start().await;
    let site = Site::before(&network.rpc).await;
    let (account, asset) = (network.account(), "cd".repeat(32));
    let id = "ab".repeat(32);
    let action = json!({"module": 1, "by": 0, "payload": "00"});
    let nonce = json!({"lane": 0, "seq": 3});
    let reply = json!({
        "id": id, "status": "waiting", "receipt": null,
        "words": [format!("send 7 {asset} to {account}, with the note {MARKUP:?}"), "destroy 3 coins"],
        "transaction": {"witnesses": [], "intent": {
            "version": 1, "signers": [{"account": account, "nonce": nonce}],
            "actions": [action, action], "meter_limit": u64::MAX, "price": 2, "expires": 99,
        }},
    });
    site.answer("transaction", reply);
    let mut page = Page::open().await;
    page.load(&format!("{}/#/transaction/{id}", site.origin)).await;
    page.wait("document.querySelectorAll('.deeds li').length === 2").await;
    let deeds = page.text("document.querySelector('.deeds').innerText").await;
    assert!(deeds.contains("shall send 7 cdcdcdcd…cdcdcd to iso1"), "{deeds}");
    assert!(deeds.contains("<img src=x") && deeds.contains("shall destroy 3 coins"), "{deeds}");
    for path in [format!("account/{account}"), format!("find/{asset}")] {
        page.wait(&format!("document.querySelector('.deeds a[href=\"#/{path}\"]')")).await;
    }
    // Twice 2⁶⁴ - 1, with all its digits: numbers beyond 2⁵³ are not rounded.
    let text = "document.querySelector('main').innerText.replaceAll('\u{202f}', '')";
    page.wait(&format!("{text}.includes('36893488147419103230 coins')")).await;
    page.wait(&format!("{text}.includes('it is another id')")).await;
    page.picture("transaction-words").await;
    page.assert_clean(&site.origin);
}

/// Pays whoever asks, as a devnet's faucet says it does, from any page.
async fn faucet() -> String {
    const ALLOW: [(&str, &str); 2] =
        [("access-control-allow-origin", "*"), ("access-control-allow-headers", "content-type")];
    let paid = || async { (ALLOW, json!({"id": "ef".repeat(32)}).to_string()) };
    let router = axum::Router::new().route("/", axum::routing::post(paid).options(async || ALLOW));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn a_faucet_is_asked_only_where_the_node_names_it_and_the_policy_lets_it() {
    const BUTTON: &str =
        "[...document.querySelectorAll('button')].find((it) => it.innerText.includes('faucet'))";
    let network = Network::start().await;
    let site = Site::before(&network.rpc).await;
    let at = format!("{}/#/account/{}", site.origin, network.account());
    let mut status = site.ask("status", json!({})).await;
    status["faucet"] = json!(null);
    site.answer("status", status.clone());
    let mut page = Page::open().await;
    page.load(&at).await;
    page.wait("document.querySelector('#balance')").await;
    assert_eq!(page.run(&format!("{BUTTON} === undefined")).await, json!(true));
    page.assert_clean(&site.origin);

    let url = faucet().await;
    status["faucet"] = json!(url);
    site.answer("status", status);
    for (policy, want) in [("", "cannot be reached"), (&*url, "On its way")] {
        *site.faucet.lock().unwrap() = policy.into();
        page.load(&at).await;
        page.wait(BUTTON).await;
        page.run(&format!("{BUTTON}.click()")).await;
        let said = "document.querySelector('main [role=status]').innerText";
        page.wait(&format!("{said}.includes({})", json!(want))).await;
    }
}

fn peer(
    key: &str,
    agent: &str,
    direction: &str,
    latency: serde_json::Value,
    ready: bool,
) -> serde_json::Value {
    json!({
        "key": key.repeat(32), "direction": direction, "address": null, "agent": agent, "height": 4, "ready": ready,
        "bytes_in": 1_000, "bytes_out": 2_000_000, "useful": 3, "latency_ms": latency,
    })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn a_header_that_is_not_the_id_s_is_pointed_at() {
    let network = Network::start().await;
    let site = Site::before(&network.rpc).await;
    let mut block = site.ask("block", json!({"height": 0})).await;
    let mut page = Page::open().await;
    page.load(&format!("{}/#/block/0", site.origin)).await;
    page.wait("document.querySelector('main').innerText.includes('it is the id')").await;
    block["header"]["state_root"] = json!("11".repeat(32));
    site.answer("block", block);
    page.load(&format!("{}/#/block/0", site.origin)).await;
    page.wait("document.querySelector('main').innerText.includes('Do not trust this node')").await;
    page.assert_clean(&site.origin);
}
