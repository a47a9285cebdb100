use super::gather::Signer;
use super::rights::{bounded, holds, impossible, moves, named, own, positive, right};
use crate::cli::{
    Act, Asset, AssetRights, Burn, Freeze, HandOver, Issue, Mint, Renounce, ShowById,
};
use crate::exit::Failure;
use isonomy::client::api::AssetReply;
use isonomy::crypto::Hash;
use isonomy::ledger::assets::{self, Call, Rights};
use isonomy::types::Amount;
use isonomy::wallet::act;

pub(crate) async fn asset(command: Asset) -> Result<(), Failure> {
    match command {
        Asset::Issue(arguments) => issue(*arguments).await,
        Asset::Show(arguments) => show(arguments).await,
        Asset::Mint(arguments) => mint(*arguments).await,
        Asset::Burn(arguments) => burn(*arguments).await,
        Asset::Freeze(arguments) => freeze(*arguments).await,
        Asset::Thaw(arguments) => thaw(*arguments).await,
        Asset::Renounce(arguments) => renounce(*arguments).await,
        Asset::HandOver(arguments) => hand_over(*arguments).await,
    }
}

async fn issue(arguments: Issue) -> Result<(), Failure> {
    let Issue { act: Act { signing, cost }, symbol, name, decimals, cap, amount, to, rights } =
        arguments;
    let signer = Signer::open(signing)?;
    let AssetRights { mint, burn, freeze } = rights;
    if !mint {
        positive("--amount", amount)?;
    }
    let new = assets::Issue {
        symbol: bounded("--symbol", symbol)?,
        name: bounded("--name", name)?,
        decimals,
        cap,
        rights: Rights { mint, burn, freeze },
        amount,
        to: to.unwrap_or_else(|| signer.address()),
    };
    new.check().map_err(impossible)?;
    signer.act(vec![act(0, assets::ID, &Call::Issue(new))], cost, "Issue?").await
}

async fn show(ShowById { id, asking }: ShowById) -> Result<(), Failure> {
    let asset = asking.client()?.asset(id).await?;
    if asking.json {
        println!("{}", serde_json::to_string(&asset).map_err(Failure::failed)?);
        return Ok(());
    }
    println!("{}", named(&asset));
    let AssetReply { at, cap, rights, supply, .. } = asset;
    let cap = cap.map_or("no bound".into(), |cap| cap.to_string());
    println!("supply   {supply} of {cap}, in the smallest unit");
    let rights = [(rights.mint, "mint"), (rights.burn, "burn"), (rights.freeze, "freeze")];
    let held: Vec<_> = rights.into_iter().filter(|(held, _)| *held).map(|(_, name)| name).collect();
    println!("rights   {}", if held.is_empty() { "none".into() } else { held.join(", ") });
    println!("after    block {} at height {}", at.block, at.height);
    Ok(())
}

/// Someone who signs for an asset that he issued.
async fn issuer(act: Act, id: Hash) -> Result<(Signer, crate::cli::Cost, AssetReply), Failure> {
    let signer = Signer::open(act.signing)?;
    let asset = signer.client().asset(id).await?;
    own(signer.address(), asset.issuer, id)?;
    eprintln!("{}", named(&asset));
    Ok((signer, act.cost, asset))
}

async fn mint(Mint { asset: id, act: by, to, amount }: Mint) -> Result<(), Failure> {
    positive("--amount", amount)?;
    let (signer, cost, asset) = issuer(by, id).await?;
    right(true, asset.rights.mint, "mint", id)?;
    let (supply, cap) = (asset.supply.checked_add(amount), asset.cap.unwrap_or(Amount::MAX));
    if supply.is_none_or(|supply| supply > cap) {
        return Err(Failure::refused(format!(
            "{} units exist, {amount} more would pass the cap of {cap}",
            asset.supply
        )));
    }
    moves(signer.client(), to, id).await?;
    signer.act(vec![act(0, assets::ID, &Call::Mint { asset: id, to, amount })], cost, "Mint?").await
}

async fn burn(Burn { asset: id, act: by, amount }: Burn) -> Result<(), Failure> {
    positive("--amount", amount)?;
    let signer = Signer::open(by.signing)?;
    let asset = signer.client().asset(id).await?;
    eprintln!("{}", named(&asset));
    right(true, asset.rights.burn, "burn", id)?;
    holds(signer.client(), signer.address(), id, amount).await?;
    let call = Call::Burn { asset: id, amount };
    signer.act(vec![act(0, assets::ID, &call)], by.cost, "Destroy them?").await
}

async fn freeze(Freeze { asset: id, act: by, account }: Freeze) -> Result<(), Failure> {
    let (signer, cost, asset) = issuer(by, id).await?;
    right(true, asset.rights.freeze, "freeze accounts", id)?;
    moves(signer.client(), account, id).await?;
    let call = Call::Freeze { asset: id, account };
    signer.act(vec![act(0, assets::ID, &call)], cost, "Freeze it?").await
}

async fn thaw(Freeze { asset: id, act: by, account }: Freeze) -> Result<(), Failure> {
    let (signer, cost, asset) = issuer(by, id).await?;
    right(true, asset.rights.freeze, "freeze accounts", id)?;
    if !signer.client().balance(account, Some(id)).await?.frozen {
        return Err(Failure::refused(format!("the account {account} is not frozen")));
    }
    let call = Call::Thaw { asset: id, account };
    signer.act(vec![act(0, assets::ID, &call)], cost, "Thaw it?").await
}

async fn renounce(Renounce { asset: id, act: by, rights }: Renounce) -> Result<(), Failure> {
    let AssetRights { mint, burn, freeze } = rights;
    let rights = Rights { mint, burn, freeze };
    if rights == Rights::default() {
        return Err(Failure::usage("name a right to give up: --mint, --burn or --freeze"));
    }
    let (signer, cost, asset) = issuer(by, id).await?;
    right(mint, asset.rights.mint, "mint", id)?;
    right(burn, asset.rights.burn, "burn", id)?;
    right(freeze, asset.rights.freeze, "freeze accounts", id)?;
    let call = Call::Renounce { asset: id, rights };
    signer.act(vec![act(0, assets::ID, &call)], cost, "Give up for good?").await
}

async fn hand_over(HandOver { id, act: by, to }: HandOver) -> Result<(), Failure> {
    let (signer, cost, _) = issuer(by, id).await?;
    let call = Call::HandOver { asset: id, to };
    signer.act(vec![act(0, assets::ID, &call)], cost, "Hand it over?").await
}
