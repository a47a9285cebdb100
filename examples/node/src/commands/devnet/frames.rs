//! Frames of the dashboard from fixed data, as a person sees them.
use super::draw::draw;
use super::keys::{Chosen, Over};
use super::view::{NodeView, View};
use isonomy::client::api::Status;
use isonomy::crypto::Hash;
use isonomy::types::{Address, Wall};
use isonomy_devnet::{Act, Block, Latency, Named, Snapshot};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::collections::{BTreeMap, VecDeque};

fn id(n: u64) -> Hash {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    Hash::from_bytes(bytes)
}

fn status(height: u64, branch: u64) -> Option<Status> {
    let tip = id(height + 1_000 * branch);
    let json = serde_json::json!({
        "version": "1", "protocol": 2, "name": "devnet", "genesis": id(0), "height": height,
        "tip": tip, "state_root": id(branch + 7), "time": height, "base": 0, "headers": height,
        "target": height, "waiting": 0, "catching_up": false, "peers": 3, "mempool": 12,
        "mining": true, "reorgs": branch,
    });
    Some(serde_json::from_value(json).unwrap())
}

/// Four nodes, one of them down, two at another tip.
fn view() -> View {
    let nodes =
        BTreeMap::from([(1, status(40, 0)), (2, status(40, 0)), (3, None), (5, status(39, 1))]);
    let block = |height: u64| Block {
        height,
        id: id(height),
        parent: id(height - 1),
        time: Wall(2_000 * height + 700 * (height % 3)),
        transactions: (height * 7) % 12,
        size: 900,
        by: Some(1 + height as usize % 2),
    };
    let account = |name: &str, n| Named {
        name: name.into(),
        address: Address(id(n)),
        key: format!("devnet/accounts/{name}.json").into(),
    };
    let numbers = nodes.keys().copied().collect::<Vec<usize>>();
    let node = |number: usize| NodeView {
        rpc: (number != 3).then(|| format!("127.0.0.1:740{number}").parse().unwrap()),
        log: "log".into(),
        one_way_ms: numbers
            .iter()
            .filter(|other| **other != number)
            .map(|other| (*other, 10 * (number.max(*other) + number.min(*other)) as u64))
            .collect(),
    };
    let mut view = View {
        latency: Latency::World,
        interval_ms: 120_000,
        time_lapse: 60,
        faucet: Some("http://127.0.0.1:7400/".into()),
        accounts: vec![account("alice", 1), account("bob", 2)],
        snapshot: Snapshot { nodes, sent: 238 },
        blocks: (1..=40).map(block).collect(),
        story: VecDeque::new(),
        paused: false,
        nodes: numbers.iter().map(|number| (*number, node(*number))).collect(),
        busy: None,
    };
    for (height, act) in [(31, Act::Add(5)), (34, Act::Remove(4)), (38, Act::Kill(3))] {
        view.tell(format!("{height:>5}  chaos: {}", act.story()));
    }
    view
}

/// What stands on the screen, without spaces at the ends of lines.
fn frame(view: &View, chosen: Chosen, log: &str, (columns, rows): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| draw(frame, view, chosen, log)).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let cells: Vec<&str> = buffer.content.iter().map(|cell| cell.symbol()).collect();
    let lines = cells.chunks(columns.into()).map(|line| line.concat().trim_end().to_owned() + "\n");
    lines.collect()
}

/// Compares a frame with the one that is kept. `ISONOMY_FRAMES=keep` keeps a new one.
fn is_kept(name: &str, frame: &str) {
    let path = format!("{}/src/commands/devnet/frames/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("ISONOMY_FRAMES").is_some() {
        std::fs::write(&path, frame).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == frame, "{name} was\n{kept}and is\n{frame}");
}

#[test]
fn a_wide_terminal_shows_everything() {
    is_kept("wide", &frame(&view(), Chosen { node: 1, over: Over::Nothing }, "", (120, 32)));
}

#[test]
fn an_ordinary_terminal_shows_the_nodes_the_charts_and_what_happens() {
    let view = View { paused: true, busy: Some("judging"), ..view() };
    is_kept("ordinary", &frame(&view, Chosen::default(), "", (80, 24)));
}

#[test]
fn help_and_log_cover_the_rest() {
    let help = Chosen { node: 0, over: Over::Help };
    is_kept("help", &frame(&view(), help, "", (120, 32)));
    let log = Chosen { node: 3, over: Over::Log };
    let text = "WARN a peer sent \u{1b}[2J what no peer sends\nINFO all is well again\n";
    is_kept("log", &frame(&view(), log, text, (80, 24)));
}

#[test]
fn a_network_that_has_just_begun_has_a_frame_as_well() {
    let nodes = BTreeMap::from([(1, status(0, 0))]);
    let (blocks, story) = (Vec::new(), VecDeque::new());
    let snapshot = Snapshot { nodes, sent: 0 };
    let nodes = BTreeMap::new();
    let (latency, faucet, accounts) = (Latency::None, None, Vec::new());
    let view =
        View { blocks, story, snapshot, nodes, latency, faucet, accounts, time_lapse: 1, ..view() };
    is_kept("first", &frame(&view, Chosen::default(), "", (80, 24)));
}

/// However small the terminal: no frame fails, with anything over it.
#[test]
fn no_terminal_is_too_small() {
    for size in [(1, 1), (3, 2), (10, 4), (20, 10), (40, 12), (200, 5), (5, 60)] {
        for over in [Over::Nothing, Over::Log, Over::Help] {
            let text = frame(&view(), Chosen { node: 9, over }, "one\ntwo\n", size);
            assert_eq!(text.lines().count(), usize::from(size.1));
        }
    }
}

#[test]
fn figures_are_of_the_blocks_that_are_shown() {
    let view = view();
    assert_eq!((view.wanted_ms(), view.intervals_ms().len()), (2_000, 39));
    let sum: u64 = view.blocks.iter().skip(1).map(|block| block.transactions).sum();
    let ms = view.blocks[39].time.0 - view.blocks[0].time.0;
    assert_eq!((view.throughput(), view.pace_ms()), (sum * 10_000 / ms, ms / 39));
    let none = View { blocks: Vec::new(), ..view };
    assert_eq!((none.throughput(), none.pace_ms()), (0, 0));
}
