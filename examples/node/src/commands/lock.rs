use super::gather::Signer;
use super::genesis::now_ms;
use super::rights::{holds, moves, positive};
use crate::cli::{ClaimLock, Lock, MakeLock, Quantity, RefundLock, ShowById};
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::client::api::{self, Deadline as Shown, Status};
use isonomy::ledger::assets::{self, Asset};
use isonomy::ledger::locks::{self, Call, Deadline, Preimage, Promise, deposit};
use isonomy::types::Wall;
use isonomy::wallet::act;

/// Blocks before the deadline from which on a claim may come too late, and its owner is told so.
const FEW: u64 = 12;

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

/// Whether it is a time that this machine's clock has reached: the next block may be later than it.
fn passed(deadline: Shown) -> bool {
    matches!(deadline, Shown::Time(time) if time.0 <= now_ms())
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

async fn known(client: &Client, id: isonomy::crypto::Hash) -> Result<(api::Lock, Status), Failure> {
    let lock = client.lock(id).await?.lock;
    eprintln!("{}", line(&lock));
    Ok((lock, client.status().await?))
}

/// Blocks left for a claim, its last included. Of a time only the past is known, so all that the
/// claimant wants.
const fn left(deadline: Shown, height: u64) -> u64 {
    match deadline {
        Shown::Height(deadline) => deadline.saturating_sub(1).saturating_sub(height),
        Shown::Time(_) => u64::MAX,
    }
}

/// What shows the secret must not outlive the deadline: in a later block it would pay nothing.
async fn claim(ClaimLock { id, act: by, secret }: ClaimLock) -> Result<(), Failure> {
    let (signer, preimage) = (Signer::open(by.signing)?, Preimage::from(secret));
    let (lock, status) = known(signer.client(), id).await?;
    let got = preimage.hash();
    if got != lock.hash {
        let want = lock.hash;
        return Err(Failure::usage(format!(
            "--secret has the SHA-256 {got}, the lock wants {want}; nothing was shown to anyone"
        )));
    }
    if has_come(lock.expires, &status) {
        return Err(Failure::refused(format!(
            "it could be claimed before {}; nothing was shown to anyone",
            until(lock.expires)
        )));
    }
    let (mut cost, left) = (by.cost, left(lock.expires, status.height));
    cost.blocks = cost.blocks.min(left);
    if left <= FEW {
        eprintln!(
            "{left} blocks are left: if none of them takes the claim, all know the secret and the \
             payment goes back to {}",
            lock.maker
        );
    }
    let call = Call::Claim { id, preimage };
    signer.act(vec![act(0, locks::ID, &call)], cost, "Show the secret to all?").await
}

async fn refund(RefundLock { id, act: by }: RefundLock) -> Result<(), Failure> {
    let signer = Signer::open(by.signing)?;
    let (lock, status) = known(signer.client(), id).await?;
    if !has_come(lock.expires, &status) && !passed(lock.expires) {
        let until = until(lock.expires);
        return Err(Failure::refused(format!("it can be paid back from {until} on, not before")));
    }
    signer.act(vec![act(0, locks::ID, &Call::Refund { id })], by.cost, "Pay it back?").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_good_until_the_block_before_the_deadline() {
        assert_eq!(left(Shown::Height(9_000), 8_900), 99, "the blocks 8901 to 8999");
        assert_eq!(left(Shown::Height(9_000), 8_998), 1);
        assert_eq!(left(Shown::Height(9_000), 8_999), 0);
        assert_eq!(left(Shown::Time(Wall(5)), 8_999), u64::MAX);
    }
}
