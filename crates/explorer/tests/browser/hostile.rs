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
    site.answer("history", json!({"at": at, "next": "on", "entries": [{
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
        json!([{"kind": "asset", "id": id, "label": MARKUP}, {"kind": "account", "id": account}]),
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
        ("#/find/two".into(), "2 results", "<img"),
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
    page.assert_clean(&site.origin);
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
