use super::facts;
use crate::cli::Show;
use crate::commands::backed::backed;
use crate::exit::Failure;
use isonomy::wallet::Offer;

/// Fails if the offer cannot be taken, with the reason.
pub(in crate::commands) async fn show(Show { offer, rpc, account }: Show) -> Result<(), Failure> {
    let offer = Offer::find(&offer)?;
    println!("{}", offer.describe(account, None));
    let Some(rpc) = rpc else {
        println!("Whether it can still be taken, a node knows: add --rpc.");
        return Ok(());
    };
    let client = crate::cli::client(&rpc)?;
    let (facts, _) = facts(&client, &offer).await?;
    offer.judge(&facts)?;
    backed(&client, &offer, None).await?;
    println!("It can be taken at height {}.", facts.height.saturating_add(1));
    Ok(())
}
