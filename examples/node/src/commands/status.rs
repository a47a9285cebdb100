use crate::cli::Status;
use crate::exit::Failure;
use isonomy::client::Client;

pub(crate) async fn status(arguments: Status) -> Result<(), Failure> {
    let status = Client::new(&arguments.rpc)?.status().await?;
    if arguments.json {
        println!("{}", serde_json::to_string(&status).map_err(Failure::failed)?);
        return Ok(());
    }
    println!("chain    {} {}", status.name, status.genesis);
    println!("tip      {} at height {}", status.tip, status.height);
    println!("state    {}", status.state_root);
    println!("behind   {} blocks", status.target.saturating_sub(status.height));
    println!("peers    {}", status.peers);
    println!("mempool  {}", status.mempool);
    println!("mining   {}", if status.mining { "yes" } else { "no" });
    Ok(())
}
