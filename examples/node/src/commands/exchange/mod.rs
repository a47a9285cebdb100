mod cancel;
mod make;
mod show;

pub(super) use show::show;

use super::gather::{Signer, facts};
use crate::cli::{Accept, Exchange};
use crate::exit::Failure;
use isonomy::wallet::Offer;

pub(crate) async fn exchange(command: Exchange) -> Result<(), Failure> {
    match command {
        Exchange::Offer(arguments) => make::make(*arguments).await,
        Exchange::Show(arguments) => show(arguments).await,
        Exchange::Accept(arguments) => accept(arguments).await,
        Exchange::Cancel(arguments) => cancel::cancel(arguments).await,
    }
}

async fn accept(Accept { offer, signing }: Accept) -> Result<(), Failure> {
    let offer = Offer::find(&offer)?;
    Signer::open(signing)?.gather(offer, "Sign?").await
}
