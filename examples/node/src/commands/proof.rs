use super::genesis::keep;
use crate::cli::{CheckProof, MakeProof, Proof as Command};
use crate::exit::Failure;
use isonomy::client::api::BlockAt;
use isonomy::client::{Known, PROOF_TEXT_BYTES_MAX, Proof, Proven, ProvenBalance, balance_key};
use isonomy::ledger::assets::Asset;
use std::fs::File;
use std::io::Read;
use std::path::Path;

pub(crate) async fn proof(command: Command) -> Result<(), Failure> {
    match command {
        Command::Make(arguments) => make(arguments).await,
        Command::Check(arguments) => check(&arguments),
    }
}

async fn make(arguments: MakeProof) -> Result<(), Failure> {
    let MakeProof { asking, account, asset, block, out } = arguments;
    let client = asking.client()?;
    let at = match (block, asking.height) {
        (Some(id), _) => BlockAt::Id(id),
        (None, Some(height)) => BlockAt::Height(height),
        (None, None) => BlockAt::Height(client.status().await?.height),
    };
    let keys: Vec<_> = account.iter().map(|of| balance_key(*of, asset)).collect();
    let proven = client.prove_at(at, &keys).await?;
    let (id, got) = (proven.header().id(), proven.header().height);
    if let Some(want) = asking.height.filter(|want| *want != got) {
        return Err(Failure::refused(format!("block {id} is of height {got}, not {want}")));
    }
    keep(&out, &proven.proof().to_text())?;
    show(&proven, Known::Block(id), asking.json)
}

fn check(arguments: &CheckProof) -> Result<(), Failure> {
    let known = match (arguments.block, arguments.root) {
        (Some(id), _) => Known::Block(id),
        (None, root) => Known::StateRoot(root.unwrap_or_default()),
    };
    let proven = Proof::from_text(&read(&arguments.file)?)?.check(known)?;
    show(&proven, known, arguments.json)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    // One byte more than fits shows that it does not.
    let limit = (PROOF_TEXT_BYTES_MAX as u64).saturating_add(1);
    let read = File::open(file).and_then(|file| file.take(limit).read_to_end(&mut text));
    read.map_err(|error| {
        let hint = "check the path, or have a node prove it with `isonomy proof make`";
        Failure::failed(format!("cannot read {}: {error}; {hint}", file.display()))
    })?;
    Ok(text)
}

/// Of a state root no block is known: a header that has it can be anyone's.
fn show(proven: &Proven, known: Known, json: bool) -> Result<(), Failure> {
    let (header, balances) = (proven.header(), proven.balances()?);
    if json {
        let mut line = serde_json::json!({ "state_root": header.state_root, "balances": balances });
        if let Known::Block(id) = known {
            line["block"] = serde_json::json!({ "id": id, "height": header.height });
        }
        println!("{line}");
        return Ok(());
    }
    match known {
        Known::Block(id) => println!("proved after block {id} at height {}:", header.height),
        Known::StateRoot(root) => println!("proved of the state {root}:"),
    }
    for ProvenBalance { account, asset, balance } in balances {
        let asset = asset.map_or(Asset::Coin, Asset::Issued);
        println!("{account} holds {balance} {asset}");
    }
    Ok(())
}
