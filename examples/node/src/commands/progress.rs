//! Progress bars of a node that catches up, on standard error.
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use isonomy::Node;
use isonomy::node::Sync;
use std::time::Duration;

/// Milliseconds between two looks at the node.
const LOOK_MS: u64 = 500;
/// What a bar shows: its name, how far it is, and how long the rest takes at this pace.
const STYLE: &str = "{prefix:>8} {wide_bar} {pos}/{len} {eta}";

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
        let bar = |name| {
            let bar = all.add(ProgressBar::new(0).with_prefix(name));
            if let Ok(style) = ProgressStyle::with_template(STYLE) {
                bar.set_style(style);
            }
            bar
        };
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
