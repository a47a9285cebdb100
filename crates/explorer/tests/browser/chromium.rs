//! A browser without a window, driven over its DevTools protocol.
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long anything may take here: other builds may run beside.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page. Ends with this.
pub(crate) struct Page {
    socket: WebSocketStream<TcpStream>,
    session: String,
    asked: u64,
    /// What the page was told to be wrong: the console's warnings and errors, exceptions, refusals by policy.
    pub(crate) complaints: Vec<String>,
    /// Every address that was asked for.
    pub(crate) requests: Vec<String>,
    /// Bytes received, heads included, by request; and in the frames of WebSockets.
    received: BTreeMap<String, u64>,
    pub(crate) frames: u64,
    _browser: Child,
    _profile: tempfile::TempDir,
}

impl Page {
    pub(crate) async fn open() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Command::new(std::env::var("CHROMIUM").unwrap_or("chromium".into()))
            .args(["--headless", "--remote-debugging-port=0", "--disable-gpu", "--no-first-run"])
            // A container's root has no sandbox. All pages are ours.
            .args(["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"])
            .args(["--force-color-profile=srgb", "--mute-audio", "about:blank"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stderr(std::process::Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("chromium is needed: run .ci/browser, which installs it where that is allowed");
        let mut lines = BufReader::new(browser.stderr.take().unwrap()).lines();
        let address = loop {
            let line = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
            if let Some(address) = line.strip_prefix("DevTools listening on ") {
                break address.to_owned();
            }
        };
        // Nobody reads on, and a full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let host = address.split('/').nth(2).unwrap();
        let stream = TcpStream::connect(host).await.unwrap();
        let (socket, _) = client_async(&address, stream).await.unwrap();
        let mut page = Self {
            socket,
            session: String::new(),
            asked: 0,
            complaints: Vec::new(),
            requests: Vec::new(),
            received: BTreeMap::new(),
            frames: 0,
            _browser: browser,
            _profile: profile,
        };
        let target = page.call("Target.createTarget", json!({"url": "about:blank"})).await;
        let params = json!({"targetId": target["targetId"], "flatten": true});
        let session = page.call("Target.attachToTarget", params).await;
        page.session = session["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page.enable", "Runtime.enable", "Log.enable", "Network.enable"] {
            page.call(domain, json!({})).await;
        }
        page.resize(1280, 1000).await;
        page
    }

    /// One command, and its result. What happens meanwhile is noted.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        let mut command = json!({"id": id, "method": method, "params": params});
        if !self.session.is_empty() {
            command["sessionId"] = json!(self.session);
        }
        self.socket.send(Message::text(command.to_string())).await.unwrap();
        loop {
            let next = timeout(PATIENCE, self.socket.next()).await;
            let message = next.unwrap_or_else(|_| panic!("{method}: no answer")).unwrap().unwrap();
            let Ok(text) = message.to_text() else { continue };
            let Ok(mut message) = serde_json::from_str::<Value>(text) else { continue };
            if message["id"] == json!(id) {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].take();
            }
            self.note(&message);
        }
    }

    fn note(&mut self, event: &Value) {
        let params = &event["params"];
        let request = || params["requestId"].as_str().unwrap_or_default().to_owned();
        match event["method"].as_str().unwrap_or_default() {
            "Runtime.consoleAPICalled" if params["type"] != "log" => {
                self.complaints.push(params["args"].to_string());
            }
            "Runtime.exceptionThrown" => {
                self.complaints.push(params["exceptionDetails"].to_string())
            }
            "Log.entryAdded" if params["entry"]["level"] != "info" => {
                self.complaints.push(params["entry"].to_string());
            }
            "Network.requestWillBeSent" => {
                self.requests.push(params["request"]["url"].as_str().unwrap().to_owned());
            }
            "Network.webSocketCreated" => {
                self.requests.push(params["url"].as_str().unwrap().to_owned());
            }
            "Network.loadingFinished" => {
                let bytes = params["encodedDataLength"].as_f64().unwrap_or_default() as u64;
                self.received.insert(request(), bytes);
            }
            "Network.webSocketFrameReceived" => {
                self.frames +=
                    params["response"]["payloadData"].as_str().map_or(0, str::len) as u64;
            }
            _ => {}
        }
    }

    /// All bytes that came so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.received.values().sum::<u64>() + self.frames
    }

    pub(crate) async fn resize(&mut self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// What the system of who looks prefers.
    pub(crate) async fn prefer(&mut self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features})).await;
    }

    /// Loads an address anew.
    pub(crate) async fn load(&mut self, address: &str) {
        self.call("Page.navigate", json!({"url": "about:blank"})).await;
        self.call("Page.navigate", json!({"url": address})).await;
    }

    /// Follows a link within the page, and waits until its page is there.
    pub(crate) async fn follow(&mut self, hash: &str, title: &str) {
        self.run(&format!("location.hash = {}", json!(hash))).await;
        let found =
            format!("document.querySelector('main h1')?.textContent.startsWith({})", json!(title));
        self.wait(&found).await;
    }

    /// The value of an expression, awaited.
    pub(crate) async fn run(&mut self, script: &str) -> Value {
        let params = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        let result = self.call("Runtime.evaluate", params).await;
        assert!(result["exceptionDetails"].is_null(), "{script}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    pub(crate) async fn text(&mut self, script: &str) -> String {
        self.run(script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an expression is true. One that throws is not yet.
    pub(crate) async fn wait(&mut self, script: &str) {
        let begin = Instant::now();
        while self
            .run(&format!(
                "(() => {{ try {{ return Boolean({script}); }} catch {{ return false; }} }})()"
            ))
            .await
            != json!(true)
        {
            let shown = "document.querySelector('main')?.innerText.slice(0, 1500)";
            if begin.elapsed() > PATIENCE {
                let seen = self.text(shown).await;
                panic!(
                    "never came: {script}\nthe page:\n{seen}\ncomplaints: {:?}",
                    self.complaints
                );
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn press(&mut self, key: &str) {
        let text = match key {
            "Enter" => "\r",
            "Tab" | "Escape" => "",
            other => other,
        };
        let code = match key {
            "Enter" => 13,
            "Tab" => 9,
            "Escape" => 27,
            _ => 0,
        };
        for kind in ["keyDown", "keyUp"] {
            let mut params = json!({"type": kind, "key": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && !text.is_empty() {
                params["text"] = json!(text);
            }
            self.call("Input.dispatchKeyEvent", params).await;
        }
    }

    pub(crate) async fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text})).await;
    }

    /// Keeps a picture of what can be seen, for whoever looks at the build's output.
    pub(crate) async fn picture(&mut self, name: &str) {
        let shot = self.call("Page.captureScreenshot", json!({"format": "png"})).await;
        let folder: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../explorer");
        std::fs::create_dir_all(&folder).unwrap();
        let bytes = base64(shot["data"].as_str().unwrap());
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }

    /// Nothing complained, and nobody but `origin` was asked for anything.
    pub(crate) fn assert_clean(&self, origin: &str) {
        assert!(self.complaints.is_empty(), "{:#?}", self.complaints);
        let host = origin.strip_prefix("http").unwrap();
        let own = |it: &&String| {
            let rest = it.strip_prefix("http").or(it.strip_prefix("ws"));
            rest.is_some_and(|rest| rest.starts_with(host))
                || *it == "about:blank"
                || it.starts_with(&format!("blob:{origin}"))
        };
        let foreign: Vec<_> = self.requests.iter().filter(|it| !own(it)).collect();
        assert!(foreign.is_empty(), "{foreign:?}");
    }
}

impl Page {
    /// The same, where the complaints about one path are a test's own doing.
    pub(crate) fn assert_clean_but(&mut self, origin: &str, path: &str) {
        self.complaints.retain(|complaint| !complaint.contains(path));
        self.assert_clean(origin);
    }
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.bytes().filter_map(|c| DIGITS.iter().position(|digit| *digit == c));
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for digit in digits {
        held = held << 6 | digit as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    bytes
}
