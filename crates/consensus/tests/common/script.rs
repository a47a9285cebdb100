//! Tables of what an engine is told and what it then wants, in words.
use super::{genesis, hash, rules};
use isonomy_consensus::pow::{Pow, Settings};
use isonomy_consensus::{Ask, Engine, Input, Output, Trail};
use isonomy_crypto::Hash;
use isonomy_types::{Blob, Header, Link, Mono, Now, Wall};
use std::collections::BTreeMap;

/// Blocks named by letters, so that their ids are in alphabetic order; `G` is the first.
pub struct World(BTreeMap<char, Trail>);

impl World {
    /// From words like `BA3`: block B on A, of weight 3.
    pub fn new(words: &str) -> Self {
        let id = |name: char| Hash::from_bytes([name as u8; 32]);
        let first = Trail { id: id('G'), ..genesis(&rules()) };
        let mut blocks = BTreeMap::from([('G', first)]);
        for word in words.split_whitespace() {
            let mut letters = word.chars();
            let (name, parent) = (letters.next().unwrap(), letters.next().unwrap());
            let weight: u128 = letters.as_str().parse().unwrap();
            let parent = &blocks[&parent];
            let trail = Trail {
                id: id(name),
                parent: parent.id,
                height: parent.height + 1,
                time: Wall(parent.time.0 + 1_000),
                weight: parent.weight + weight,
                ..parent.clone()
            };
            blocks.insert(name, trail);
        }
        Self(blocks)
    }

    pub fn trail(&self, name: &str) -> Trail {
        self.0[&name.chars().next().unwrap()].clone()
    }

    /// A template on a block.
    fn template(&self, parent: &str) -> Header {
        super::child(&self.trail(parent), 1_000, 0)
    }

    fn input(&self, words: &str) -> Input {
        let words: Vec<&str> = words.split_whitespace().collect();
        let number = |at: usize| words[at].parse::<u64>().unwrap();
        let id = || self.trail(words[1]).id;
        match words[0] {
            "restored" => Input::Restored {
                tip: self.trail(words[1]),
                authority: Default::default(),
                above: words[2..].iter().map(|name| self.trail(name)).collect(),
                records: Vec::new(),
            },
            "header" => Input::Header { trail: self.trail(words[1]) },
            "executed" => Input::Executed { id: id(), authority: Default::default() },
            "condemned" => Input::Condemned { id: id() },
            "certified" => Input::Certified { id: id(), certificate: Blob::default() },
            "proposed" => {
                Input::Proposed { ask: Ask(number(1)), header: Box::new(self.template(words[2])) }
            }
            "failed" => Input::Failed { ask: Ask(number(1)) },
            "mined" => Input::Mined { ask: Ask(number(1)), nonce: words.get(2).map(|_| number(2)) },
            "message" => Input::Message { from: Link(number(1)), message: Blob::default() },
            "signed" => Input::Signed { ask: Ask(number(1)), signature: None },
            "tick" => Input::Tick,
            other => panic!("what is {other}?"),
        }
    }

    fn name(&self, id: &Hash) -> char {
        let found = self.0.iter().find(|(_, trail)| trail.id == *id);
        found.map_or('?', |(name, _)| *name)
    }

    fn words(&self, output: &Output) -> String {
        match output {
            Output::Want(ids) => {
                let names: String = ids.iter().map(|id| self.name(id)).collect();
                format!("want {names}").trim_end().into()
            }
            Output::Best(id) => format!("best {}", self.name(id)),
            Output::Base(id) => format!("base {}", self.name(id)),
            Output::Announce(id) => format!("announce {}", self.name(id)),
            Output::Propose { ask, parent } => format!("propose {} {}", ask.0, self.name(parent)),
            Output::Mine { ask, mine } => {
                format!("mine {} {}+{} x{}", ask.0, mine.from, mine.tries, mine.extra)
            }
            Output::Cancel { ask } => format!("cancel {}", ask.0),
            Output::Seal { ask, seal } => {
                format!("seal {} {}", ask.0, u64::from_le_bytes(seal[..8].try_into().unwrap()))
            }
            Output::Blame { link, .. } => format!("blame {}", link.0),
            Output::Halt { .. } => "halt".into(),
            other => panic!("proof of work never wants {other:?}"),
        }
    }

    /// Feeds each first column, and compares what comes with the second. A first column may start
    /// with a time in milliseconds, which then stays.
    pub fn play(&self, settings: Settings, rows: &[(&str, &str)]) -> Pow {
        let mut engine = Pow::new(rules(), settings);
        let mut now = Now { mono: Mono(0), wall: Wall(0) };
        for (at, (told, wants)) in rows.iter().enumerate() {
            let (ms, told) = match told.split_once(": ") {
                Some((ms, told)) => (ms.parse().unwrap(), told),
                None => (now.mono.0, *told),
            };
            // The wall clock must not matter: it jumps about.
            now = Now { mono: Mono(ms), wall: Wall(hash(at as u64).as_bytes()[0].into()) };
            engine.handle(now, self.input(told));
            let outputs = std::iter::from_fn(|| engine.poll());
            let came: Vec<String> = outputs.map(|output| self.words(&output)).collect();
            assert_eq!(came.join(", "), *wants, "row {at}: {told}");
        }
        engine
    }
}

pub const FOLLOW: Settings = Settings { mining: false, base_depth: 100, tries: 10, extra: 0 };
pub const MINE: Settings = Settings { mining: true, ..FOLLOW };
