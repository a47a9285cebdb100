//! Whether this node and another are on one branch.
use super::Finding;
use isonomy::client::api::Status;
use isonomy::client::{Client, ClientError};
use isonomy::crypto::Hash;

/// Blocks by which two nodes of a healthy network may differ for a moment.
const USUAL: u64 = 3;

pub(super) async fn examine(
    rpc: &str,
    node: Option<&Status>,
    other: &str,
    found: &mut Vec<Finding>,
) {
    let Some(node) = node else {
        let step = "start the node, or give its address with --rpc";
        found.push(Finding::warn("branch", format_args!("no node to compare with {other}"), step));
        return;
    };
    found.push(match compare(rpc, node, other).await {
        Ok(finding) => finding,
        Err(error) => Finding::error("branch", error),
    });
}

async fn compare(rpc: &str, node: &Status, other: &str) -> Result<Finding, ClientError> {
    let (here, there) = (Client::new(rpc)?, Client::new(other)?);
    let status = there.status().await?;
    if status.genesis != node.genesis {
        let says = format!("{other} runs the chain {}, this node {}", status.genesis, node.genesis);
        let step = "compare with a node of the same genesis file";
        return Ok(Finding::fail("branch", says, step));
    }
    let height = node.height.min(status.height);
    let (ours, theirs) = (id(&here, height).await?, id(&there, height).await?);
    if ours == theirs {
        let header = here.header(height).await?.header;
        let says = format!(
            "the same as {other}: block {ours}, state {} at height {height}",
            header.state_root
        );
        return Ok(Finding::ok("branch", says));
    }
    // The first block of which they differ lies between a height where they agree and one where not.
    let (mut same, mut differs) = (0, height);
    while differs.saturating_sub(same) > 1 {
        let middle = same.midpoint(differs);
        match id(&here, middle).await? == id(&there, middle).await? {
            true => same = middle,
            false => differs = middle,
        }
    }
    Ok(apart(other, same, height, [ours, theirs]))
}

async fn id(node: &Client, height: u64) -> Result<Hash, ClientError> {
    Ok(node.header(height).await?.id)
}

fn apart(other: &str, same: u64, height: u64, [ours, theirs]: [Hash; 2]) -> Finding {
    let depth = height.saturating_sub(same);
    let says = format!(
        "{other} is on another branch since height {same}, {depth} blocks long: at height {height} \
         it has {theirs}, this node {ours}"
    );
    if depth <= USUAL {
        let step = "usual for a moment: ask again after the next blocks";
        return Finding::warn("branch", says, step);
    }
    let step = format!(
        "see with more nodes which branch most are on, and whether both have peers; if this node has \
         the lighter one and has halted, `isonomy rewind --to {same}`"
    );
    Finding::fail("branch", says, step)
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_short_branch_is_usual_and_a_long_one_is_not() {
        let ids = [Hash::ZERO, Hash::from_bytes([1; 32])];
        assert_eq!(apart("x", 97, 100, ids).verdict, Verdict::Warn);
        let long = apart("x", 96, 100, ids);
        assert_eq!(long.verdict, Verdict::Fail);
        assert!(long.step.unwrap().contains("--to 96"));
    }
}
