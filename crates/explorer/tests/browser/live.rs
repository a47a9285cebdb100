//! What happens is shown as it happens, and the page says how it comes to know.
use crate::chromium::Page;
use crate::network::Network;
use crate::site::Site;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

const HEIGHT: &str = "Number(document.querySelector('#height').textContent.replace(/\\D/g, ''))";
const STATE: &str = "document.querySelector('#state').textContent";

async fn grows(page: &mut Page, by: u64) {
    let from = page.run(HEIGHT).await.as_u64().unwrap();
    page.wait(&format!("{HEIGHT} >= {}", from + by)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn news_come_by_socket_by_asking_and_again_after_a_silence() {
    let network = Network::start().await;
    let site = Site::before(&network.rpc).await;
    let mut page = Page::open().await;
    // The node's own pages and news first, then those of a server that can fall silent.
    for origin in [&format!("http://{}", network.rpc), &site.origin] {
        page.load(origin).await;
        page.wait("document.querySelector('#height')").await;
        page.wait(&format!("{STATE}.includes('Live')")).await;
        let frames = page.frames;
        grows(&mut page, 2).await;
        assert!(page.frames > frames);
        page.wait("/\\d/.test(document.querySelector('#news').textContent)").await;
    }

    site.socket.store(false, Ordering::Relaxed);
    page.wait(&format!("{STATE}.includes('Asking every')")).await;
    grows(&mut page, 2).await;
    site.up.store(false, Ordering::Relaxed);
    page.wait(&format!("{STATE}.includes('No answer')")).await;
    page.picture("chain-lost").await;
    site.up.store(true, Ordering::Relaxed);
    page.wait(&format!("{STATE}.includes('Asking every')")).await;
    site.socket.store(true, Ordering::Relaxed);
    page.wait(&format!("{STATE}.includes('Live')")).await;
    grows(&mut page, 1).await;
}

fn id(branch: u8, height: u64) -> String {
    format!("{branch:02x}{height:02x}").repeat(16)
}

fn block(branch: u8, height: u64, parent: String, best: bool) -> Value {
    let time = 1_700_000_000_000 + height * 1_000;
    json!({"id": id(branch, height), "height": height, "parent": parent, "time": time, "transactions": 2, "best": best})
}

/// Ten blocks, of which a branch of three and one of one leave after heights 5 and 8.
fn branches(first_is_best: bool) -> Vec<Value> {
    let mut all: Vec<Value> = (1..=5).map(|at| block(1, at, id(1, at - 1), true)).collect();
    all.extend((6..=10).map(|at| block(1, at, id(1, at - 1), first_is_best)));
    let last = if first_is_best { 8 } else { 11 };
    all.extend(
        (6..=last)
            .map(|at| block(2, at, if at == 6 { id(1, 5) } else { id(2, at - 1) }, !first_is_best)),
    );
    all.push(block(3, 9, id(1, 8), false));
    all
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn a_reorganisation_is_drawn_written_and_spoken() {
    let network = Network::start().await;
    let site = Site::before(&network.rpc).await;
    site.answer("branches", json!(branches(true)));
    let mut page = Page::open().await;
    page.load(&format!("{}/#/forks", site.origin)).await;
    page.wait("document.querySelectorAll('.forks .node').length === 14").await;
    page.wait(&format!("{STATE}.includes('Live')")).await;
    assert_eq!(page.run("document.querySelectorAll('.forks .node.off').length").await, json!(4));
    assert_eq!(page.run("new Set([...document.querySelectorAll('.forks .node')].map((it) => it.getAttribute('y'))).size").await, json!(3));
    let ends = page
        .text(
            "[...document.querySelectorAll('main tbody tr')].map((it) => it.innerText).join('\\n')",
        )
        .await;
    assert_eq!(ends.lines().count(), 3, "{ends}");
    assert!(ends.contains("off, 3 long") && ends.contains("height 5"), "{ends}");
    page.picture("forks-branches").await;

    site.answer("branches", json!(branches(false)));
    let left: Vec<_> = (6..=10).map(|at| id(1, at)).collect();
    let joined: Vec<_> = (6..=11).map(|at| id(2, at)).collect();
    site.tell("blocks", block(2, 11, id(2, 10), true));
    site.tell("reorganisations", json!({
        "from": id(1, 10), "to": id(2, 11), "ancestor": id(1, 5), "ancestor_height": 5, "left": left, "joined": joined,
    }));
    page.wait("document.querySelector('#reorganisations li')").await;
    let log = page.text("document.querySelector('#reorganisations').innerText").await;
    assert!(log.contains("5 left, 6 joined"), "{log}");
    let spoken = page.text("document.querySelector('#spoken').textContent").await;
    assert_eq!(spoken, "Reorganisation: 5 blocks left, 6 joined");
    page.wait("document.querySelectorAll('.forks .node.off').length === 6").await;
    page.picture("forks-reorganisation").await;
    page.prefer(true).await;
    page.resize(360, 780).await;
    page.picture("forks-reorganisation-phone-dark").await;
    page.follow("#/charts", "Charts").await;
    page.wait("document.querySelector('main').innerText.includes('1 since this page came')").await;
    page.assert_clean(&site.origin);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn the_mempool_follows_what_is_told() {
    let network = Network::start().await;
    let site = Site::before(&network.rpc).await;
    site.answer(
        "mempool",
        json!({"transactions": 2, "bytes": 500, "least_price": 1, "ids": [id(1, 1), id(1, 2)]}),
    );
    let mut page = Page::open().await;
    page.load(&format!("{}/#/mempool", site.origin)).await;
    page.wait("document.querySelectorAll('a[href^=\"#/transaction/\"]').length === 2").await;
    page.wait(&format!("{STATE}.includes('Live')")).await;
    site.tell("mempool", json!({"joined": [id(9, 9)], "left": [id(1, 1), id(1, 2)], "transactions": 1, "bytes": 250, "least_price": 7}));
    page.wait(&format!("document.querySelector('main').innerText.includes('{}')", id(9, 9))).await;
    assert_eq!(
        page.run("document.querySelectorAll('a[href^=\"#/transaction/\"]').length").await,
        json!(1)
    );
    assert_eq!(page.text("document.querySelector('#waiting').textContent").await, "1");
    page.assert_clean(&site.origin);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn a_node_that_wants_a_token_is_given_one() {
    let network = Network::start().await;
    let site = Site::before(&network.rpc).await;
    *site.token.lock().unwrap() = Some("ab12".into());
    let mut page = Page::open().await;
    page.load(&site.origin).await;
    page.wait("document.querySelector('#access')").await;
    page.picture("access").await;
    page.run("document.querySelector('#token').focus()").await;
    page.write("ab12").await;
    page.press("Enter").await;
    page.wait("document.querySelector('#height')").await;
    assert_eq!(page.run("document.querySelector('#access') === null").await, json!(true));
    grows(&mut page, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn charts_show_what_the_series_tells_and_say_it_as_tables() {
    let network = Network::start().await;
    let site = Site::before(&network.rpc).await;
    let row = |at: u64| {
        let time = 1_700_000_000_000 + at * 900 + at * at * 37 % 800;
        json!({"height": at, "time": time, "transactions": at * 7 % 23, "meter": 5, "size": if at < 130 { Value::Null } else { json!(900 + at) }, "fees": (at * 1_111 % 9_000).to_string()})
    };
    site.answer("series", (100..160).map(row).collect());
    let mut page = Page::open().await;
    page.load(&format!("{}/#/charts", site.origin)).await;
    page.wait("document.querySelectorAll('.figure svg').length === 3").await;
    assert_eq!(page.run("document.querySelectorAll('.bars rect').length").await, json!(3 * 59));
    let tables = page.run("[...document.querySelectorAll('details table')].map((it) => it.tBodies[0].rows.length)").await;
    assert_eq!(tables, json!([59, 59, 59]));
    let fees = "[...document.querySelectorAll('details table')][2].tBodies[0].rows[0].innerText.replaceAll('\\u202f', '')";
    page.run("document.querySelectorAll('details').forEach((it) => { it.open = true; })").await;
    assert_eq!(page.text(fees).await, format!("159\t{}", 159 * 1_111 % 9_000));
    page.run("document.querySelectorAll('details').forEach((it) => { it.open = false; })").await;
    page.picture("charts-series").await;
    page.follow("#/", "Chain").await;
    page.wait("document.querySelector('.tiles').innerText.includes('Fees')").await;
    let strip = "(({ scrollLeft, clientWidth, scrollWidth }) => scrollLeft + clientWidth >= scrollWidth - 1)(document.querySelector('.chain-strip'))";
    page.wait(strip).await;
    page.picture("chain-series").await;
    page.assert_clean(&site.origin);
}
