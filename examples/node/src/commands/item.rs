use super::gather::Signer;
use super::rights::{bounded, impossible, own, right};
use crate::cli::{
    Act, BurnItem, Collection, CollectionRights, Cost, Create, HandOver, Item, MakeItem,
    RenounceCollection, SendItem, ShowById, ShowItem, Which,
};
use crate::exit::{Failure, plain};
use isonomy::client::api::{CollectionReply, ItemId};
use isonomy::crypto::Hash;
use isonomy::ledger::unique::{self, Call, METADATA_BYTES_MAX, Rights};
use isonomy::types::Action;
use isonomy::wallet::act;

pub(crate) async fn collection(command: Collection) -> Result<(), Failure> {
    match command {
        Collection::Create(arguments) => create(*arguments).await,
        Collection::Show(arguments) => show_collection(arguments).await,
        Collection::Renounce(arguments) => renounce(*arguments).await,
        Collection::HandOver(arguments) => hand_over(*arguments).await,
    }
}

pub(crate) async fn item(command: Item) -> Result<(), Failure> {
    match command {
        Item::Make(arguments) => make(*arguments).await,
        Item::Show(arguments) => show_item(arguments).await,
        Item::Send(arguments) => send(*arguments).await,
        Item::Burn(arguments) => burn(*arguments).await,
    }
}

fn one(call: &Call) -> Vec<Action> {
    vec![act(0, unique::ID, call)]
}

async fn create(arguments: Create) -> Result<(), Failure> {
    let Create { act: Act { signing, cost }, name, cap, metadata_bytes, rights } = arguments;
    let (got, limit) = (usize::from(metadata_bytes), METADATA_BYTES_MAX);
    if got > limit {
        return Err(Failure::usage(format!("--metadata-bytes is {got}, limit {limit}")));
    }
    let CollectionRights { mint, burn } = rights;
    let (name, rights) = (bounded("--name", name)?, Rights { mint, burn });
    let new = unique::Create { name, cap, metadata_bytes, rights };
    new.check().map_err(impossible)?;
    Signer::open(signing)?.act(one(&Call::Create(new)), cost, "Create it?").await
}

fn named(collection: &CollectionReply) -> String {
    let CollectionReply { id, issuer, name, .. } = collection;
    format!("collection {id}: {:?}, issued by {issuer}", plain(name))
}

async fn show_collection(ShowById { id, asking }: ShowById) -> Result<(), Failure> {
    let found = asking.client()?.collection(id).await?;
    if asking.json {
        println!("{}", serde_json::to_string(&found).map_err(Failure::failed)?);
        return Ok(());
    }
    println!("{}", named(&found));
    let CollectionReply { at, cap, metadata_bytes, rights, items, .. } = found;
    let cap = cap.map_or("no bound".into(), |cap| cap.to_string());
    println!("items    {items} of {cap}, with at most {metadata_bytes} bytes of metadata");
    let rights = match (rights.mint, rights.burn) {
        (true, true) => "mint, burn",
        (true, false) => "mint",
        (false, true) => "burn",
        (false, false) => "none",
    };
    println!("rights   {rights}");
    println!("after    block {} at height {}", at.block, at.height);
    Ok(())
}

/// Someone who signs for a collection that he issued.
async fn issuer(by: Act, id: Hash) -> Result<(Signer, Cost, CollectionReply), Failure> {
    let signer = Signer::open(by.signing)?;
    let collection = signer.client().collection(id).await?;
    own(signer.address(), collection.issuer, id)?;
    eprintln!("{}", named(&collection));
    Ok((signer, by.cost, collection))
}

async fn renounce(arguments: RenounceCollection) -> Result<(), Failure> {
    let RenounceCollection { collection, act: by, rights } = arguments;
    let CollectionRights { mint, burn } = rights;
    let rights = Rights { mint, burn };
    if rights == Rights::default() {
        return Err(Failure::usage("name a right to give up: --mint or --burn"));
    }
    let (signer, cost, held) = issuer(by, collection).await?;
    right(mint, held.rights.mint, "mint", collection)?;
    right(burn, held.rights.burn, "burn", collection)?;
    signer.act(one(&Call::Renounce { collection, rights }), cost, "Give up for good?").await
}

async fn hand_over(HandOver { id, act: by, to }: HandOver) -> Result<(), Failure> {
    let (signer, cost, _) = issuer(by, id).await?;
    signer.act(one(&Call::HandOver { collection: id, to }), cost, "Hand it over?").await
}

async fn make(arguments: MakeItem) -> Result<(), Failure> {
    let MakeItem { which: Which { collection, number }, act: by, to, content, metadata } =
        arguments;
    let (signer, cost, held) = issuer(by, collection).await?;
    right(true, held.rights.mint, "mint", collection)?;
    let (got, limit) = (held.items, held.cap.unwrap_or(u64::MAX));
    if got >= limit {
        return Err(Failure::refused(format!("there are {got} items, the cap is {limit}")));
    }
    let (got, limit) = (metadata.len(), held.metadata_bytes);
    if got > limit.into() {
        return Err(Failure::usage(format!("--metadata has {got} bytes, limit {limit}")));
    }
    let metadata = bounded("--metadata", metadata)?;
    match signer.client().item(ItemId { collection, number }).await {
        Ok(_) => return Err(Failure::refused(format!("item {number} is there already"))),
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error.into()),
    }
    let to = to.unwrap_or_else(|| signer.address());
    let call = Call::Mint { id: (collection, number), to, content, metadata };
    signer.act(one(&call), cost, "Make it?").await
}

async fn show_item(ShowItem { which, asking }: ShowItem) -> Result<(), Failure> {
    let Which { collection, number } = which;
    let item = asking.client()?.item(ItemId { collection, number }).await?;
    if asking.json {
        println!("{}", serde_json::to_string(&item).map_err(Failure::failed)?);
        return Ok(());
    }
    println!("item     {number} of the collection {collection}");
    println!("owner    {}", item.owner);
    println!("content  {}", item.content);
    println!("metadata {:?}", plain(&item.metadata));
    println!("after    block {} at height {}", item.at.block, item.at.height);
    Ok(())
}

/// Someone who signs for an item that he owns.
async fn owner(by: Act, Which { collection, number }: &Which) -> Result<(Signer, Cost), Failure> {
    let signer = Signer::open(by.signing)?;
    let (collection, number) = (*collection, *number);
    let owner = signer.client().item(ItemId { collection, number }).await?.owner;
    let account = signer.address();
    if owner != account {
        return Err(Failure::refused(format!("{owner} owns item {number}, not {account}")));
    }
    Ok((signer, by.cost))
}

async fn send(SendItem { which, act: by, to, memo }: SendItem) -> Result<(), Failure> {
    let memo = bounded("--memo", memo)?;
    let (signer, cost) = owner(by, &which).await?;
    if to == signer.address() {
        return Err(Failure::usage(format!("--to is {to}, who owns it already; name another")));
    }
    let id = (which.collection, which.number);
    signer.act(one(&Call::Transfer { id, to, memo }), cost, "Send?").await
}

async fn burn(BurnItem { which, act: by }: BurnItem) -> Result<(), Failure> {
    let (signer, cost) = owner(by, &which).await?;
    let id = (which.collection, which.number);
    let held = signer.client().collection(which.collection).await?;
    right(true, held.rights.burn, "burn", which.collection)?;
    signer.act(one(&Call::Burn { id }), cost, "Destroy it?").await
}
