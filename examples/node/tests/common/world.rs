//! A chain with a node that mines, and people with key files.
use super::{Running, run, start, stderr, stdout};
use std::process::Output;

/// A chain with a node that mines, and people with key files.
pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) node: Running,
}

impl World {
    /// Each of `rich` has a million coins.
    pub(crate) fn new(rich: &[&str], poor: &[&str]) -> Self {
        Self::with(rich, poor, &[])
    }

    /// The same, and the node is started with more.
    pub(crate) fn with(rich: &[&str], poor: &[&str], more: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
        for name in [rich, poor].concat() {
            let made = run(&["keys", "new", "--out", &at(name)]);
            assert!(made.status.success(), "{}", stderr(&made));
        }
        let address = |name: &str| stdout(&run(&["keys", "show", &at(name)])).trim().to_string();
        let genesis = at("genesis.toml");
        let mut arguments: Vec<String> =
            ["genesis", "--out", &genesis, "--hashes", "50", "--interval-ms", "100"]
                .map(String::from)
                .to_vec();
        for name in rich {
            arguments.extend(["--allocate".into(), format!("{}=1000000", address(name))]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert!(run(&arguments).status.success());
        // Nobody here is paid for blocks, so that balances stay plain.
        let nobody = "iso16uumw20q03hhhvjfqa053zgm6fsnsqq8vwjlyfq0jrj4zqwgykgqktdqvv";
        let mining = ["--mine", "--producer", nobody, "--hash-rate", "5000"];
        let node = start(&genesis, &at("data"), &[&mining, more].concat());
        Self { dir, node }
    }

    pub(crate) fn at(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_string()
    }

    pub(crate) fn address(&self, key: &str) -> String {
        stdout(&run(&["keys", "show", &self.at(key)])).trim().to_string()
    }

    pub(crate) fn public(&self, key: &str) -> String {
        stdout(&run(&["keys", "show", "--public", &self.at(key)])).trim().to_string()
    }

    /// With the node, and files by their short names after `@`.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let full =
            |word: &&str| word.strip_prefix('@').map_or((*word).into(), |name| self.at(name));
        let mut arguments: Vec<String> = arguments.iter().map(full).collect();
        arguments.extend(["--rpc".into(), self.node.rpc.clone()]);
        run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        stdout(&output).trim().to_string()
    }

    pub(crate) fn refused(&self, arguments: &[&str], code: i32, words: &str) {
        let output = self.run(arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert_eq!(stdout(&output), "", "{arguments:?}");
    }

    /// Issues 1000 units of something for a key's account, and waits for its id.
    pub(crate) fn issue(&self, key: &str) -> String {
        let issue = ["asset", "issue", "--key", key, "--symbol", "DEED", "--name", "A boat"];
        let said = self.made(&[&issue[..], &["--amount", "1000"]].concat());
        said["asset"].as_str().unwrap().to_owned()
    }

    /// What a command that signs says once a block holds it.
    pub(crate) fn made(&self, arguments: &[&str]) -> serde_json::Value {
        let said = self.done(&[arguments, &["--yes", "--wait", "--json"]].concat());
        serde_json::from_str(&said).unwrap()
    }

    pub(crate) fn balance(&self, address: &str) -> u128 {
        let client = isonomy::client::Client::new(&self.node.rpc).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(client.account(address.parse().unwrap())).unwrap().balance.0
    }
}
