//! Conditional payments.
use super::snapshot::Snapshot;
use crate::error::Refusal;
use crate::source::Desk;
use isonomy_client::api::{Deadline, IdQuestion, Lock, LockReply, LocksQuestion, LocksReply};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::Asset;
use isonomy_ledger::locks::{self, Made, Promise, Query};

pub(super) async fn lock(
    desk: &Desk,
    IdQuestion { id, height }: IdQuestion,
) -> Result<LockReply, Refusal> {
    let snapshot = Snapshot::take(desk, height).await?;
    desk.read(move |source| {
        let found: Option<locks::Lock> = snapshot.ask(source, locks::ID, &Query::Lock(id))?;
        let found = found.ok_or_else(|| snapshot.lacks(format_args!("lock {id}")))?;
        Ok(LockReply { at: snapshot.at, lock: shown(id, found) })
    })
    .await
}

pub(super) async fn locks(
    desk: &Desk,
    LocksQuestion { address: of, before, height }: LocksQuestion,
) -> Result<LocksReply, Refusal> {
    let snapshot = Snapshot::take(desk, height).await?;
    desk.read(move |source| {
        let made: Made = snapshot.ask(source, locks::ID, &Query::Made { of, before })?;
        let next = (made.older > 0).then_some(made.older);
        let locks = made.locks.into_iter().map(|(id, lock)| shown(id, lock)).collect();
        Ok(LocksReply { at: snapshot.at, locks, next })
    })
    .await
}

fn shown(id: Hash, locks::Lock { maker, promise }: locks::Lock) -> Lock {
    let Promise { asset, amount, to, hash, expires } = promise;
    let asset = match asset {
        Asset::Coin => None,
        Asset::Issued(id) => Some(id),
    };
    let expires = match expires {
        locks::Deadline::Height(height) => Deadline::Height(height),
        locks::Deadline::Time(time) => Deadline::Time(time),
    };
    Lock { id, maker, asset, amount, to, hash, expires }
}
