//! What a state holds, with its proof.
use super::snapshot::Snapshot;
use crate::error::Refusal;
use crate::limits::PROVE_KEYS_MAX;
use crate::source::Desk;
use isonomy_client::api::{PROOF_BYTES_MAX, ProveQuestion, ProveReply, code};
use isonomy_ledger::StateTree;
use isonomy_types::{Blob, Encode, List};

pub(super) async fn prove(
    desk: &Desk,
    ProveQuestion { keys, height }: ProveQuestion,
) -> Result<ProveReply, Refusal> {
    if keys.is_empty() {
        let why = format_args!("got 0 keys, give 1 to {PROVE_KEYS_MAX}");
        return Err(Refusal::new(code::PARAMS, why));
    }
    let Snapshot { at, view, tree, .. } = Snapshot::take(desk, height).await?;
    desk.read(move |_| {
        let proof = proof(&tree, &keys.iter().map(|key| &**key).collect::<Vec<_>>())?;
        let values = keys.iter().map(|key| {
            let value = view.get(key).map_err(Refusal::internal)?;
            value.map(|value| value.to_vec().try_into().map_err(Refusal::internal)).transpose()
        });
        let values = List::truncated(values.collect::<Result<Vec<_>, _>>()?);
        Ok(ProveReply { at, values, proof })
    })
    .await
}

fn proof(tree: &StateTree, keys: &[&[u8]]) -> Result<Blob<PROOF_BYTES_MAX>, Refusal> {
    let proof = tree.prove(keys).map_err(Refusal::internal)?;
    proof.encode().try_into().map_err(Refusal::internal)
}
