use super::{Signer, facts};
use crate::cli::Cancel;
use crate::exit::Failure;
use isonomy::wallet::{Offer, OfferError};

/// One's own turn is spent on nothing.
pub(super) async fn cancel(arguments: Cancel) -> Result<(), Failure> {
    let Cancel { offer, signing, cost } = arguments;
    let (offer, client) = (Offer::find(&offer)?, crate::cli::client(&signing.rpc)?);
    let signer = Signer::open(signing)?;
    let got = signer.address();
    let own = offer.intent().signers.iter().find(|own| own.account == got);
    let nonce = own.ok_or(OfferError::Stranger { got })?.nonce;
    let (facts, _) = facts(&client, &offer).await?;
    offer.judge(&facts)?;
    let cancelling = signer.alone(Vec::new(), cost, Some(nonce)).await?;
    signer.gather(cancelling, "Cancel the offer?").await
}
