//! Every page of a running network: it loads, fits, can be reached by keyboard, and asks nobody else.
use crate::chromium::Page;
use crate::network::Network;
use crate::site::Site;
use isonomy_client::{Known, Proof};
use isonomy_explorer::FIRST_BYTES_MAX;
use serde_json::{Value, json};

/// Whether the page is wider than the window, and what is.
const WIDER: &str = "document.documentElement.scrollWidth > innerWidth
    ? [...document.querySelectorAll('body *')].filter((it) => !it.closest('.scroll')
        && it.getBoundingClientRect().right > innerWidth + 1).map((it) => it.outerHTML.slice(0, 120)).join('\\n')
      || 'something' : ''";

async fn fits(page: &mut Page, what: &str) {
    let wide = page.text(WIDER).await;
    assert!(wide.is_empty(), "{what} is wider than the window:\n{wide}");
}

/// Each page's address, and how its title begins.
async fn views(site: &Site, account: &str) -> Vec<(&'static str, String, &'static str)> {
    let height = site.ask("status", json!({})).await["height"].as_u64().unwrap();
    let mut transaction = None;
    for at in (1..=height).rev() {
        let block = site.ask("block", json!({"height": at})).await;
        if let Some(id) = block["transactions"][0]["id"].as_str() {
            transaction = Some(id.to_owned());
            break;
        }
    }
    let transaction = transaction.expect("no transaction in any block");
    vec![
        ("chain", "#/".into(), "Chain"),
        ("block", format!("#/block/{height}"), "Block"),
        ("genesis", "#/block/0".into(), "Block 0"),
        ("transaction", format!("#/transaction/{transaction}"), "Transaction"),
        ("account", format!("#/account/{account}"), "Account"),
        ("mempool", "#/mempool".into(), "Mempool"),
        ("peers", "#/peers".into(), "Peers"),
        ("forks", "#/forks".into(), "Forks"),
        ("charts", "#/charts".into(), "Charts"),
        ("proofs", "#/proofs".into(), "Proofs"),
        ("proof", format!("#/proofs/{account}"), "Proof for"),
        ("search", "#/find/nothing%20like%20this".into(), "Not found"),
    ]
}

/// A network that has made some blocks with transfers in them, and the pages that its first node serves.
async fn started() -> (Network, Site) {
    let network = Network::start().await;
    let mut site = Site::before(&network.rpc).await;
    site.origin = format!("http://{}", network.rpc);
    while site.ask("status", json!({})).await["height"].as_u64() < Some(6) {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    (network, site)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn every_page_loads_fits_and_complains_of_nothing() {
    let (network, site) = started().await;
    let mut page = Page::open().await;
    page.load(&site.origin).await;
    page.wait("document.querySelectorAll('tbody tr').length >= 5").await;
    let bytes = page.bytes();
    println!("explorer-first: {bytes} bytes in {} requests", page.requests.len() - 1);
    assert!(bytes > 20_000 && bytes <= FIRST_BYTES_MAX as u64, "{bytes}");

    let account = network.account();
    let views = views(&site, &account).await;
    for (look, width, height, dark) in [
        ("", 1280, 1000, false),
        ("-dark", 1280, 1000, true),
        ("-phone", 360, 780, false),
        ("-phone-dark", 320, 640, true),
    ] {
        page.resize(width, height).await;
        page.prefer(dark).await;
        for (name, hash, title) in &views {
            page.follow(hash, title).await;
            page.wait("!/Loading …|Asking the node|Checking …/.test(document.querySelector('main').innerText)").await;
            assert_eq!(
                page.text("document.querySelector('.failure')?.innerText").await,
                "",
                "{name}"
            );
            fits(&mut page, &format!("{name}{look}")).await;
            page.picture(&format!("{name}{look}")).await;
        }
    }
    page.assert_clean(&site.origin);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn the_search_finds_what_there_is() {
    let (network, site) = started().await;
    let mut page = Page::open().await;
    page.load(&site.origin).await;
    page.wait("document.querySelector('#height')").await;
    let account = network.account();
    let block = site.ask("block", json!({"height": 3})).await;
    let id = block["id"].as_str().unwrap();
    let mut typo = account.clone();
    typo.replace_range(30..31, if &account[30..31] == "q" { "p" } else { "q" });
    for (text, want, title) in [
        ("3", format!("#/block/{id}"), "Block 3"),
        (id, format!("#/block/{id}"), "Block 3"),
        (&account, format!("#/account/{account}"), "Account"),
        (&typo, format!("#/find/{typo}"), "Search"),
        ("<img src=x>", "#/find/%3Cimg%20src%3Dx%3E".into(), "Not found"),
    ] {
        page.run("document.activeElement.blur()").await;
        page.press("/").await;
        assert_eq!(
            page.text("document.activeElement.id").await,
            "query",
            "the key / leads to the search"
        );
        page.write(text).await;
        page.press("Enter").await;
        page.wait(&format!("location.hash === {}", json!(want))).await;
        page.wait(&format!(
            "document.querySelector('h1').textContent.startsWith({})",
            json!(title)
        ))
        .await;
    }
    page.follow(&format!("#/find/{typo}"), "Search").await;
    let said = page.text("document.querySelector('.failure').innerText").await;
    assert!(said.contains("typing error"), "{said}");
    page.assert_clean(&site.origin);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn a_proof_is_made_checked_and_its_file_holds_in_rust() {
    let (network, site) = started().await;
    let mut page = Page::open().await;
    page.load(&site.origin).await;
    page.wait("document.querySelector('#height')").await;
    page.follow(&format!("#/proofs/{}", network.account()), "Proof for").await;
    page.wait("document.querySelector('#verdict')").await;
    assert_eq!(page.text("document.querySelector('#verdict').dataset.verdict").await, "good");
    let text = page.text("document.querySelector('#proof-text').textContent").await;
    assert!(page.text("document.querySelector('#download').href").await.starts_with("blob:"));

    let json: Value = serde_json::from_str(&text).unwrap();
    let height = json["header"]["height"].as_u64().unwrap();
    let id = site.ask("header", json!({"height": height})).await["id"].as_str().unwrap().to_owned();
    let proof = Proof::from_text(text.as_bytes()).unwrap();
    let balances = proof.check(Known::Block(id.parse().unwrap())).unwrap().balances().unwrap();
    let shown = page.text("document.querySelector('#verdict').innerText").await;
    assert!(shown.contains(&id), "{shown}");
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    assert!(digits.contains(&balances[0].balance.to_string()), "{shown}");

    // Given by somebody: as it is, with a wrong amount, for another block, and not a proof at all.
    page.follow("#/proofs", "Proofs").await;
    let mut more = json.clone();
    let value = more["pairs"][0]["value"].as_str().unwrap().replacen(['0', '1'], "f", 1);
    more["pairs"][0]["value"] = json!(value);
    let mut header = json.clone();
    header["header"]["time"] = json!(header["header"]["time"].as_u64().unwrap() + 1);
    let other = "00".repeat(32);
    for (name, text, known, want) in [
        ("right", text.clone(), "", "good"),
        ("right", text.clone(), &id, "good"),
        ("wrong", more.to_string(), &id, "bad"),
        ("wrong", header.to_string(), &id, "bad"),
        ("wrong", text.clone(), &other, "bad"),
    ] {
        page.run("document.querySelector('#verdict')?.remove()").await;
        let fill = format!("document.querySelector('#text').value = {}; document.querySelector('#known').value = {};
            document.querySelector('.card-form button').click()", json!(text), json!(known));
        page.run(&fill).await;
        page.wait("document.querySelector('#verdict')").await;
        assert_eq!(
            page.text("document.querySelector('#verdict').dataset.verdict").await,
            want,
            "{name} {known}"
        );
        page.picture(&format!("proof-{name}")).await;
    }
    page.run("document.querySelector('#text').value = '{}'; document.querySelector('.card-form button').click()").await;
    page.wait("document.querySelector('.failure')?.innerText.includes('not a proof')").await;
    page.assert_clean(&site.origin);
}

/// What is focused: a short name of it, whether the focus can be seen, and whether it lies in the window.
const FOCUSED: &str = "(() => {
    const it = document.activeElement;
    const style = getComputedStyle(it);
    const inner = it.querySelector?.('rect') && getComputedStyle(it.querySelector('rect'));
    const seen = style.outlineStyle !== 'none' || (inner && parseFloat(inner.strokeWidth) > 2);
    return { name: it.id || it.getAttribute('href') || it.textContent.slice(0, 30), seen: Boolean(seen), body: it === document.body };
})()";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and a built node: run .ci/browser"]
async fn the_keyboard_reaches_everything_and_shows_where_it_is() {
    let (network, _) = started().await;
    let site = Site::before(&network.rpc).await;
    let mut page = Page::open().await;
    // Nothing moves while it is gone through.
    site.socket.store(false, std::sync::atomic::Ordering::Relaxed);
    page.load(&site.origin).await;
    page.wait("document.querySelector('#height')").await;
    for (hash, title) in [
        ("#/proofs".to_owned(), "Proofs"),
        (format!("#/account/{}", network.account()), "Account"),
        ("#/peers".to_owned(), "Peers"),
    ] {
        page.follow(&hash, title).await;
        page.wait("document.querySelectorAll('main .card').length").await;
        // Anew: where the keyboard begins is the page's beginning.
        page.load(&format!("{}/{hash}", site.origin)).await;
        page.wait("document.querySelectorAll('main .card').length").await;
        let want = "[...document.querySelectorAll('a[href], button, input, textarea, select, summary, [tabindex=\"0\"]')]
            .filter((it) => it.checkVisibility() && !it.disabled && it.tabIndex >= 0).map((it) => it.id || it.getAttribute('href') || it.textContent.slice(0, 30))";
        let mut missing: Vec<String> = serde_json::from_value(page.run(want).await).unwrap();
        assert!(missing.len() > 10, "{missing:?}");
        for turn in 0..missing.len() * 2 + 5 {
            page.press("Tab").await;
            let focused = page.run(FOCUSED).await;
            if focused["body"] == json!(true) && turn > 0 {
                break;
            }
            let name = focused["name"].as_str().unwrap_or_default().to_owned();
            assert!(turn > 0 || name == "skip", "the first is the way past the rest, not {name}");
            assert_eq!(
                focused["seen"],
                json!(true),
                "{hash}: the focus on {name:?} cannot be seen"
            );
            missing.retain(|it| *it != name);
        }
        assert!(missing.is_empty(), "{hash}: never reached: {missing:?}");
    }
    page.run("document.querySelector('#skip').focus()").await;
    page.press("Enter").await;
    assert_eq!(page.text("document.activeElement.id").await, "main");
    for (theme, paper) in [("light", "rgb(250, 249, 246)"), ("dark", "rgb(16, 21, 19)")] {
        page.run("document.querySelector('#theme').focus()").await;
        page.press("Enter").await;
        assert_eq!(page.text("document.documentElement.dataset.theme").await, theme);
        assert_eq!(page.text("getComputedStyle(document.body).backgroundColor").await, paper);
    }
    page.load(&site.origin).await;
    page.wait("document.documentElement.dataset.theme === 'dark'").await;
    page.assert_clean_but(&site.origin, "/ws");
}
