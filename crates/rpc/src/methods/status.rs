use super::history;
use crate::About;
use crate::error::Refusal;
use crate::source::Desk;
use isonomy_client::api::Status;
use isonomy_node::Node;
use isonomy_peer::PROTOCOL_VERSION;

pub(crate) async fn status(desk: &Desk) -> Result<Status, Refusal> {
    let (about, index) = (desk.source.about.clone(), history::status(desk).await?);
    let seen = desk.look(move |node| look(node, about)).await?;
    seen.map(|status| Status { index, ..status }).ok_or_else(Refusal::unready)
}

fn look(node: &Node, about: About) -> Option<Status> {
    let (chain, sync) = (node.chain(), node.sync());
    let tip = chain.best();
    Some(Status {
        version: about.version,
        protocol: PROTOCOL_VERSION,
        name: about.name,
        genesis: chain.genesis(),
        height: tip.height,
        tip: tip.id,
        state_root: chain.header(&tip.id)?.state_root,
        time: tip.time,
        base: chain.base().height,
        headers: sync.headers,
        target: sync.target(),
        waiting: sync.bodies as u64,
        catching_up: sync.is_catching_up(),
        peers: node.peers().links().filter(|peer| peer.ready).count() as u64,
        mempool: node.pool().len() as u64,
        mining: about.mining,
        reorgs: node.reorgs(),
        index: None,
        faucet: about.faucet,
    })
}
