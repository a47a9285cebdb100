mod cancel;
mod make;
mod show;

use super::gather::{Signer, facts};
use crate::cli::{Accept, Exchange};
use crate::exit::Failure;
use isonomy::wallet::Offer;
use std::path::Path;

pub(crate) async fn exchange(command: Exchange) -> Result<(), Failure> {
    match command {
        Exchange::Offer(arguments) => make::make(*arguments).await,
        Exchange::Show(arguments) => show::show(arguments).await,
        Exchange::Accept(arguments) => accept(arguments).await,
        Exchange::Cancel(arguments) => cancel::cancel(arguments).await,
    }
}

async fn accept(Accept { offer, signing }: Accept) -> Result<(), Failure> {
    let offer = read(&offer)?;
    Signer::open(signing)?.gather(offer, "Sign?").await
}

/// An offer's text, or a file that holds one.
fn read(offer: &str) -> Result<Offer, Failure> {
    if offer.trim_start().starts_with("isooffer1") {
        return Ok(offer.parse()?);
    }
    Ok(Offer::open(Path::new(offer))?)
}
