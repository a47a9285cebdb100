use super::gather::Signer;
use super::rights::{holds, moves, positive};
use crate::cli::{ClaimLock, Lock, MakeLock, Quantity, RefundLock, ShowById};
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::client::api::{self, Deadline as Shown, Status};
use isonomy::ledger::assets::{self, Asset};
use isonomy::ledger::locks::{self, Call, Deadline, Preimage, Promise, deposit};
use isonomy::types::Wall;
use isonomy::wallet::act;

pub(crate) async fn lock(command: Lock) -> Result<(), Failure> {
    match command {
        Lock::Hash { secret } => println!("{}", Preimage::from(secret).hash()),
        Lock::Make(arguments) => make(*arguments).await?,
        Lock::Show(arguments) => show(arguments).await?,
        Lock::Claim(arguments) => claim(*arguments).await?,
        Lock::Refund(arguments) => refund(*arguments).await?,
    }
    Ok(())
}

async fn make(arguments: MakeLock) -> Result<(), Failure> {
    let MakeLock { act: by, to, what: Quantity { amount, asset }, hash, .. } = arguments;
    positive("--what", amount)?;
    let expires = match (arguments.until_height, arguments.until_time) {
        (Some(height), _) => Deadline::Height(height),
        (None, time) => Deadline::Time(Wall(time.unwrap_or_default())),
    };
    let signer = Signer::open(by.signing)?;
    let shown = match expires {
        Deadline::Height(height) => Shown::Height(height),
        Deadline::Time(time) => Shown::Time(time),
    };
    if has_come(shown, &signer.client().status().await?) {
        return Err(Failure::usage(format!("the deadline, {expires}, has come already")));
    }
    if let Asset::Issued(id) = asset {
        holds(signer.client(), signer.address(), id, amount).await?;
        moves(signer.client(), to, id).await?;
    }
    let promise = Promise { asset, amount, to, hash, expires };
    let actions =
        vec![act(0, assets::ID, &deposit(&promise)), act(0, locks::ID, &Call::Lock(promise))];
    signer.act(actions, by.cost, "Lock it?").await
}

/// Whether the deadline has come in the next block. Of a time only the past is known.
const fn has_come(deadline: Shown, status: &Status) -> bool {
    match deadline {
        Shown::Height(height) => height <= status.height.saturating_add(1),
        Shown::Time(time) => time.0 <= status.time.0,
    }
}

fn until(deadline: Shown) -> String {
    match deadline {
        Shown::Height(height) => format!("height {height}"),
        Shown::Time(time) => format!("{} ms since 1970", time.0),
    }
}

async fn show(ShowById { id, asking }: ShowById) -> Result<(), Failure> {
    let reply = asking.client()?.lock(id).await?;
    if asking.json {
        println!("{}", serde_json::to_string(&reply).map_err(Failure::failed)?);
        return Ok(());
    }
    println!("{}", line(&reply.lock));
    println!("after    block {} at height {}", reply.at.block, reply.at.height);
    Ok(())
}

/// A lock in a few words.
pub(super) fn line(lock: &api::Lock) -> String {
    let api::Lock { id, maker, asset, amount, to, hash, expires } = lock;
    let asset = asset.map_or(Asset::Coin, Asset::Issued);
    let until = until(*expires);
    format!(
        "lock {id}: {amount} {asset} by {maker}, for {to} who shows the preimage of the SHA-256 \
         {hash} before {until}"
    )
}

async fn known(client: &Client, id: isonomy::crypto::Hash) -> Result<(api::Lock, bool), Failure> {
    let lock = client.lock(id).await?.lock;
    eprintln!("{}", line(&lock));
    Ok((lock, has_come(lock.expires, &client.status().await?)))
}

async fn claim(ClaimLock { id, act: by, secret }: ClaimLock) -> Result<(), Failure> {
    let (signer, preimage) = (Signer::open(by.signing)?, Preimage::from(secret));
    let (lock, over) = known(signer.client(), id).await?;
    let got = preimage.hash();
    if got != lock.hash {
        let want = lock.hash;
        return Err(Failure::usage(format!(
            "--secret has the SHA-256 {got}, the lock wants {want}; nothing was shown to anyone"
        )));
    }
    if over {
        return Err(Failure::refused(format!(
            "it could be claimed before {}; nothing was shown to anyone",
            until(lock.expires)
        )));
    }
    let call = Call::Claim { id, preimage };
    signer.act(vec![act(0, locks::ID, &call)], by.cost, "Show the secret to all?").await
}

async fn refund(RefundLock { id, act: by }: RefundLock) -> Result<(), Failure> {
    let signer = Signer::open(by.signing)?;
    let (lock, over) = known(signer.client(), id).await?;
    if !over && matches!(lock.expires, Shown::Height(_)) {
        let until = until(lock.expires);
        return Err(Failure::refused(format!("it can be paid back from {until} on, not before")));
    }
    signer.act(vec![act(0, locks::ID, &Call::Refund { id })], by.cost, "Pay it back?").await
}
