use crate::error::Refusal;
use crate::limits::MEMPOOL_IDS_MAX;
use crate::source::Desk;
use isonomy_client::api::{Direction, EstimateQuestion, EstimateReply, MempoolReply, PeerReply};
use isonomy_peer::PeerInfo;
use isonomy_types::Params;

pub(crate) async fn peers(desk: &Desk) -> Result<Vec<PeerReply>, Refusal> {
    let peers: Vec<PeerInfo> = desk.look(|node| node.peers().links().collect()).await?;
    Ok(peers.into_iter().map(peer).collect())
}

fn peer(peer: PeerInfo) -> PeerReply {
    PeerReply {
        key: peer.remote.to_string(),
        direction: match peer.direction {
            isonomy_peer::Direction::Inbound => Direction::Inbound,
            isonomy_peer::Direction::Outbound => Direction::Outbound,
        },
        address: peer.address.map(|address| address.to_string()),
        agent: printable(&peer.agent),
        height: peer.height,
        ready: peer.ready,
        bytes_in: peer.bytes_in,
        bytes_out: peer.bytes_out,
        useful: peer.useful,
    }
}

/// A stranger's words: nothing that moves a cursor, changes colours or reverses what follows.
fn printable(text: &str) -> String {
    text.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).collect()
}

pub(crate) async fn mempool(desk: &Desk) -> Result<MempoolReply, Refusal> {
    desk.look(|node| {
        let pool = node.pool();
        let (transactions, bytes) = (pool.len() as u64, pool.bytes() as u64);
        let ids = pool.ids().into_iter().take(MEMPOOL_IDS_MAX).collect();
        MempoolReply { transactions, bytes, least_price: node.least_price(), ids }
    })
    .await
}

pub(crate) async fn estimate(
    desk: &Desk,
    EstimateQuestion { blocks }: EstimateQuestion,
) -> Result<EstimateReply, Refusal> {
    desk.look(move |node| {
        let chain = node.chain();
        let base_price = chain.params_after(&chain.best().id).map(Params::base_price);
        EstimateReply { price: node.estimate(blocks), base_price: base_price.unwrap_or_default() }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_strangers_name_cannot_play_with_the_terminal() {
        assert_eq!(printable("isonomy/0.1.0 ~"), "isonomy/0.1.0 ~");
        assert_eq!(printable("\u{1b}[31mred\r\n\u{202e}x\u{7f}ü"), "?[31mred???x??");
    }
}
