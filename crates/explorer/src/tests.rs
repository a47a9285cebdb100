//! What can be said of the files without a browser.
use crate::{FILES, FIRST_BYTES_MAX, HEADERS, page, policy};
use std::collections::BTreeSet;
use std::string::{String, ToString};
use std::vec::Vec;

fn text(name: &str) -> &'static str {
    let (_, body) = FILES.iter().find(|(file, _)| *file == name).unwrap();
    core::str::from_utf8(body).unwrap()
}

/// Every text between quotation marks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

/// The files that a file has the browser fetch: `/assets/NAME` in HTML, `./NAME` in a module.
fn named(name: &str) -> BTreeSet<String> {
    let text = text(name);
    let prefix = if name.ends_with(".html") { "/assets/" } else { "./" };
    // Modules import by double quotation marks, one a line.
    let lines = text.lines().filter(|line| name.ends_with(".html") || line.contains("import"));
    lines
        .flat_map(quoted)
        .filter_map(|it| it.strip_prefix(prefix))
        .map(ToString::to_string)
        .collect()
}

/// All that `start` leads to; `lazily` follows what is fetched on demand too.
fn reached(start: &str, lazily: bool) -> BTreeSet<String> {
    let (mut all, mut open) = (BTreeSet::new(), std::vec![start.to_string()]);
    while let Some(name) = open.pop() {
        if all.insert(name.clone()) {
            let eager = |file: &String| {
                lazily || !text(&name).contains(&std::format!("import(\"./{file}\")"))
            };
            open.extend(named(&name).into_iter().filter(eager));
        }
    }
    all
}

#[test]
fn every_file_that_is_named_is_there_and_every_one_that_is_there_is_named() {
    let there: BTreeSet<_> = FILES.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(reached("index.html", true), there);
    assert_eq!(there.len(), FILES.len(), "a name twice");
}

#[test]
fn the_folder_and_the_table_are_the_same() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/web")).unwrap();
    let mut folder: Vec<_> =
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    folder.sort();
    let table: Vec<_> = FILES.iter().map(|(name, _)| *name).collect();
    assert_eq!(table, folder);
}

#[test]
fn every_file_is_a_page_and_nothing_else_is() {
    for (name, body) in FILES {
        let found = page(&std::format!("/assets/{name}")).unwrap();
        assert_eq!(found.body, *body, "{name}");
        assert!(core::str::from_utf8(body).is_ok(), "{name}");
    }
    assert_eq!(page("/").unwrap().body, text("index.html").as_bytes());
    for path in [
        "",
        "//",
        "/index.html",
        "/assets",
        "/assets/",
        "/assets//tip.js",
        "tip.js",
        "/assets/TIP.js",
    ] {
        assert!(page(path).is_none(), "{path}");
    }
    assert_eq!(page("/assets/tip.js").unwrap().kind, "text/javascript; charset=utf-8");
    assert_eq!(page("/assets/style.css").unwrap().kind, "text/css; charset=utf-8");
    assert_eq!(page("/assets/icon.svg").unwrap().kind, "image/svg+xml");
}

#[test]
fn the_first_page_is_small() {
    let bytes = |names: &BTreeSet<String>| names.iter().map(|name| text(name).len()).sum::<usize>();
    let first = bytes(&reached("index.html", false));
    assert!(first <= FIRST_BYTES_MAX * 2 / 3, "{first} bytes");
    assert!(first < bytes(&reached("index.html", true)), "nothing is fetched on demand");
}

/// What a module imports without need costs the first page a request.
#[test]
fn the_first_page_fetches_no_other_page() {
    let first = reached("index.html", false);
    for other in ["account.js", "proofs.js", "state.js", "blake3.js", "charts.js"] {
        assert!(!first.contains(other), "{other}");
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    for (name, _) in FILES {
        let addresses = text(name).match_indices("://").map(|(at, _)| {
            let line = text(name)[..at].rfind('\n').map_or(0, |line| line + 1);
            text(name)[line..].lines().next().unwrap_or_default()
        });
        for line in addresses {
            // The name of SVG's elements, the socket of this very host, and what a faucet's address
            // looks like.
            let fine = [
                "http://www.w3.org/2000/svg",
                "`${scheme}://${location.host}/ws`",
                "/^https?:\\/\\//",
            ];
            assert!(fine.iter().any(|fine| line.contains(fine)), "{name}: {line}");
        }
    }
}

#[test]
fn nothing_inline_and_no_markup_out_of_text() {
    let forbidden = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "DOMParser",
        "srcdoc",
        "eval(",
        "new Function",
        "javascript:",
        "createContextualFragment",
        "setHTMLUnsafe",
    ];
    for (name, _) in FILES {
        let text = text(name);
        for word in forbidden {
            assert!(!text.contains(word), "{name}: {word}");
        }
        // The policy would refuse them in the browser, where a test that looks away would miss it.
        let inline = text.contains(" style=") || name.ends_with(".js") && text.contains("style:");
        assert!(!inline, "{name}: an inline style");
    }
    let html = text("index.html");
    assert!(!html.contains("<style"), "an inline style");
    assert!(html.match_indices("<script").all(|(at, _)| html[at..].contains("src=\"/assets/")));
    let handler = |word: &str| word.starts_with("on") && word.contains("=\"");
    assert!(!html.split_whitespace().any(handler), "an inline handler");
}

#[test]
fn the_policy_lets_nothing_in() {
    let (_, policy) = HEADERS.iter().find(|(name, _)| *name == "content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'self';"));
    for word in ["unsafe", "*", "data:", "http:", "https:"] {
        assert!(!policy.contains(word), "{word}");
    }
    for (name, _) in HEADERS {
        assert_eq!(name, name.to_lowercase());
    }
}

#[test]
fn a_faucet_adds_its_own_address_and_nothing_else() {
    let (_, plain) = HEADERS[0];
    let with = plain.replace("connect-src 'self'", "connect-src 'self' https://faucet.example:80");
    assert_eq!(policy("https://faucet.example:80"), with);
    assert_eq!(policy("https://faucet.example:80/"), with);
    for wrong in [
        "",
        "http://",
        "ftp://a",
        "http://a b",
        "http://a; script-src *",
        "http://*",
        "http://a/path",
        "http://a,b",
        "http://'unsafe-inline'",
        "http://a\r\nx: y",
        "HTTP://A",
        "http://ä",
    ] {
        assert_eq!(policy(wrong), plain, "{wrong:?}");
    }
}

#[test]
fn files_are_short() {
    for (name, _) in FILES {
        let lines = text(name).lines().count();
        assert!(lines <= 250, "{name}: {lines} lines");
    }
}
