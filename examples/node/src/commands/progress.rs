//! How far long work is, on standard error. Quiet where that is no terminal.
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use isonomy::Node;
use isonomy::node::Sync;
use std::time::Duration;

/// Milliseconds between two looks at the node.
const LOOK_MS: u64 = 500;
/// Milliseconds between two turns of what shows that work goes on.
const TURN_MS: u64 = 100;
/// What a bar shows: its name, how far it is, at what pace, and how long the rest takes at that.
const STYLE: &str = "{prefix:>8} {wide_bar} {pos}/{len} {per_sec:>12} {eta}";
/// What work shows whose end is not known.
const WAITING: &str = "{spinner} {msg} {elapsed}";

/// Shows headers and blocks while the node is behind, and nothing while it is not. Ends when the node
/// does.
pub(crate) async fn show(node: &Node) {
    let mut bars = None;
    while let Ok(sync) = node.handle().read(|node| node.sync()).await {
        if sync.is_catching_up() {
            bars.get_or_insert_with(Bars::new).set(&sync);
        } else if let Some(bars) = bars.take() {
            bars.clear();
        }
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    }
}

struct Bars {
    all: MultiProgress,
    headers: ProgressBar,
    blocks: ProgressBar,
}

impl Bars {
    fn new() -> Self {
        let all = MultiProgress::new();
        let bar = |name| all.add(styled(ProgressBar::new(0), STYLE).with_prefix(name));
        let (headers, blocks) = (bar("headers"), bar("blocks"));
        Self { all, headers, blocks }
    }

    fn set(&self, sync: &Sync) {
        for (bar, height) in [(&self.headers, sync.headers), (&self.blocks, sync.height)] {
            bar.set_length(sync.target());
            bar.set_position(height);
        }
    }

    fn clear(self) {
        self.headers.finish_and_clear();
        self.blocks.finish_and_clear();
        // A terminal that is gone needs no clearing.
        let _ = self.all.clear();
    }
}

/// One bar, for work whose end is known.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(name: &'static str) -> Self {
        Self(styled(ProgressBar::new(0), STYLE).with_prefix(name))
    }

    pub(super) fn set(&self, done: usize, all: usize) {
        let count = |number| u64::try_from(number).unwrap_or(u64::MAX);
        if self.0.length() != Some(count(all)) {
            self.0.set_length(count(all));
        }
        self.0.set_position(count(done));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Does the work, and shows meanwhile that it goes on.
pub(super) fn waiting<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    let _spinner = Spinner::start(what);
    work()
}

/// Shows that work goes on until it is dropped.
pub(super) struct Spinner(ProgressBar);

impl Spinner {
    pub(super) fn start(what: &'static str) -> Self {
        let spinner = styled(ProgressBar::new_spinner(), WAITING).with_message(what);
        spinner.enable_steady_tick(Duration::from_millis(TURN_MS));
        Self(spinner)
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
