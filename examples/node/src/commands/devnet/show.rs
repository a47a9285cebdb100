use super::keys::Command;
use super::terminal::Dashboard;
use super::view::{NodeView, View};
use isonomy_devnet::{DevnetError, Network, Settings, Snapshot};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;
use tokio::sync::Notify;

/// How a person watches.
pub(super) enum Show {
    /// On standard error, one after another.
    Lines,
    /// On the whole terminal.
    Dashboard(Dashboard),
}

impl Show {
    pub(super) async fn dashboard(
        network: &mut Network,
        plan: &Settings,
    ) -> Result<Self, io::Error> {
        let view = View {
            latency: plan.latency,
            interval_ms: plan.interval_ms,
            time_lapse: plan.time_lapse,
            faucet: network.faucet(),
            accounts: network.accounts().map_err(io::Error::other)?,
            snapshot: network.look().await.map_err(io::Error::other)?,
            blocks: Vec::new(),
            story: VecDeque::new(),
            paused: false,
            nodes: BTreeMap::new(),
            busy: None,
        };
        Dashboard::start(view).map(Self::Dashboard)
    }

    pub(super) const fn is_dashboard(&self) -> bool {
        matches!(self, Self::Dashboard(_))
    }

    /// Completes once somebody wants to leave.
    pub(super) fn quit(&self) -> impl Future<Output = ()> + use<> {
        let notify: Option<Arc<Notify>> = match self {
            Self::Lines => None,
            Self::Dashboard(dashboard) => Some(dashboard.quit()),
        };
        async move {
            match notify {
                Some(notify) => notify.notified().await,
                None => std::future::pending().await,
            }
        }
    }

    pub(super) fn command(&mut self) -> Option<Command> {
        match self {
            Self::Lines => None,
            Self::Dashboard(dashboard) => dashboard.command(),
        }
    }

    /// Shows a sentence, and at what height it was said.
    pub(super) fn tell(&mut self, height: u64, sentence: String) {
        match self {
            Self::Lines => eprintln!("{sentence}"),
            Self::Dashboard(dashboard) => {
                dashboard.with(|view| view.tell(format!("{height:>5}  {sentence}")));
            }
        }
    }

    /// What is done instead of showing.
    pub(super) fn busy(&mut self, what: &'static str) {
        if let Self::Dashboard(dashboard) = self {
            dashboard.with(|view| view.busy = Some(what));
        }
    }

    pub(super) async fn look(
        &mut self,
        network: &mut Network,
        snapshot: Snapshot,
    ) -> Result<(), DevnetError> {
        let Self::Dashboard(dashboard) = self else {
            eprintln!("{}", snapshot.line());
            return Ok(());
        };
        let blocks = network.follow().await?;
        let nodes = nodes(network, &snapshot);
        dashboard.with(|view| {
            (view.snapshot, view.blocks, view.nodes) = (snapshot, blocks, nodes);
            view.paused = network.is_paused();
        });
        Ok(())
    }
}

fn nodes(network: &Network, snapshot: &Snapshot) -> BTreeMap<usize, NodeView> {
    let all = snapshot.nodes.keys();
    let view = |number: usize| {
        let others = snapshot.nodes.keys().filter(|other| **other != number);
        let ms = |other: &usize| Some((*other, network.one_way_ms(number, *other)?));
        NodeView {
            rpc: network.rpc(number),
            log: network.log(number),
            one_way_ms: others.filter_map(ms).collect(),
        }
    };
    all.map(|number| (*number, view(*number))).collect()
}
