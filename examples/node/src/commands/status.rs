use crate::cli::Status;
use crate::exit::{Failure, plain};

pub(crate) async fn status(arguments: Status) -> Result<(), Failure> {
    let status = crate::cli::client(&arguments.rpc)?.status().await?;
    if arguments.json {
        println!("{}", serde_json::to_string(&status).map_err(Failure::failed)?);
        return Ok(());
    }
    println!("chain    {} {}", plain(&status.name), status.genesis);
    println!("tip      {} at height {}", status.tip, status.height);
    println!("state    {}", status.state_root);
    let behind = status.target.saturating_sub(status.height);
    let doing = if status.catching_up { ", catching up" } else { "" };
    println!("behind   {behind} blocks of {}{doing}", status.target);
    println!(
        "headers  checked up to {}; {} blocks wait to be executed",
        status.headers, status.waiting
    );
    println!("peers    {}", status.peers);
    println!("mempool  {}", status.mempool);
    if let Some(url) = &status.faucet {
        println!("faucet   {}", plain(url));
    }
    println!("mining   {}", if status.mining { "yes" } else { "no" });
    Ok(())
}
