//! From what a person types to what it names.
use super::blocks::{self, Moment};
use super::snapshot::Snapshot;
use super::transactions;
use crate::error::Refusal;
use crate::source::{Desk, Source};
use isonomy_client::api::{BlockAt, FindQuestion, Found, FoundKind, code};
use isonomy_crypto::Hash;
use isonomy_ledger::{assets, locks, unique};
use isonomy_types::{Address, Decode, Encode, ModuleId};

/// Bytes of a text that is looked for: longer than every name there is.
const TEXT_BYTES_MAX: usize = 256;

enum Name {
    Height(u64),
    Hash(Hash),
    Address(Address),
    Item(Hash, u64),
}

fn name(text: &str) -> Option<Name> {
    let text = text.trim();
    if let Some((collection, number)) = text.split_once('/') {
        return Some(Name::Item(collection.parse().ok()?, number.parse().ok()?));
    }
    let height = text.parse().ok().map(Name::Height);
    let hash = || text.to_ascii_lowercase().parse().ok().map(Name::Hash);
    height.or_else(hash).or_else(|| text.parse().ok().map(Name::Address))
}

pub(super) async fn find(
    desk: &Desk,
    FindQuestion { text }: FindQuestion,
) -> Result<Vec<Found>, Refusal> {
    if text.len() > TEXT_BYTES_MAX {
        let why = format_args!("text of {} bytes, limit {TEXT_BYTES_MAX}", text.len());
        return Err(Refusal::new(code::PARAMS, why));
    }
    let one = |kind, id: String, height| Ok(vec![Found { kind, id, height }]);
    match name(&text) {
        None => Ok(Vec::new()),
        // Accounts need not have been used.
        Some(Name::Address(address)) => one(FoundKind::Account, address.to_string(), None),
        Some(Name::Height(height)) => match blocks::header(desk, BlockAt::Height(height)).await {
            Ok(block) => one(FoundKind::Block, block.id.to_string(), Some(height)),
            Err(refused) if refused.code == code::NOT_FOUND => Ok(Vec::new()),
            Err(refused) => Err(refused),
        },
        Some(Name::Item(collection, number)) => {
            let snapshot = Snapshot::take(desk, None).await?;
            let question = unique::Query::Item((collection, number));
            let held = desk.read(move |source| {
                holds::<unique::Item>(&snapshot, source, unique::ID, &question)
            });
            match held.await? {
                true => one(FoundKind::Item, format!("{collection}/{number}"), None),
                false => Ok(Vec::new()),
            }
        }
        Some(Name::Hash(id)) => hash(desk, id).await,
    }
}

/// All that has this id, at one moment.
async fn hash(desk: &Desk, id: Hash) -> Result<Vec<Found>, Refusal> {
    let (moment, block, transaction, snapshot) = desk
        .look(move |node| {
            let chain = node.chain();
            let block = chain.header(&id).map(|header| header.height);
            let (moment, transaction) = transactions::see(node, id);
            (moment, block, transaction.map(|found| found.height()), Snapshot::of(chain, None))
        })
        .await?;
    let snapshot = snapshot?;
    desk.read(move |source| {
        let mut found = Vec::new();
        let mut add = |kind, height| found.push(Found { kind, id: id.to_string(), height });
        let block = block.map_or_else(|| archived_block(source, moment, id), |it| Ok(Some(it)))?;
        if let Some(height) = block {
            add(FoundKind::Block, Some(height));
        }
        let transaction = match transaction {
            Some(height) => Some(height),
            None => transactions::archived(source, moment, id)?.map(|found| found.height()),
        };
        if let Some(height) = transaction {
            add(FoundKind::Transaction, height);
        }
        let issued = assets::Query::Issued(id);
        if holds::<assets::Description>(&snapshot, source, assets::ID, &issued)? {
            add(FoundKind::Asset, None);
        }
        let collection = unique::Query::Collection(id);
        if holds::<unique::Collection>(&snapshot, source, unique::ID, &collection)? {
            add(FoundKind::Collection, None);
        }
        if holds::<locks::Lock>(&snapshot, source, locks::ID, &locks::Query::Lock(id))? {
            add(FoundKind::Lock, None);
        }
        Ok(found)
    })
    .await
}

fn archived_block(source: &Source, moment: Moment, id: Hash) -> Result<Option<u64>, Refusal> {
    let header = moment.archived(&*source.archive, BlockAt::Id(id))?;
    Ok(header.map(|header| header.height))
}

fn holds<T>(
    snapshot: &Snapshot,
    source: &Source,
    module: ModuleId,
    question: &impl Encode,
) -> Result<bool, Refusal>
where
    Option<T>: Decode,
{
    Ok(snapshot.ask_if::<Option<T>>(source, module, question)?.flatten().is_some())
}
