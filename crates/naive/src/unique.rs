//! Module 2: collections of items, each with one owner.
use crate::assets::{Memo, is_name};
use crate::{Desk, State};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Address, Decode, Encode, ModuleId, Text};

/// Its id.
pub const ID: ModuleId = 2;

const NEW: Domain = Domain::new("isonomy collection 1");

/// Receipts' codes of refusals.
const UNKNOWN: u16 = 256;
const ABSENT: u16 = 257;
const EXISTS: u16 = 258;
const NOT_OWNER: u16 = 259;
const NOT_ISSUER: u16 = 260;
const NO_RIGHT: u16 = 261;
const CAP: u16 = 262;
const NAME: u16 = 263;
const METADATA: u16 = 264;

/// To mint, to burn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, BorshSerialize, BorshDeserialize)]
pub struct Rights(pub bool, pub bool);

/// A collection as it stands.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub struct Collection {
    /// Who exercises the rights.
    pub issuer: Address,
    /// As created.
    pub name: Text<64>,
    /// The most items there may be.
    pub cap: Option<u64>,
    /// Bytes of metadata that an item may have.
    pub metadata_bytes: u16,
    /// Those in force.
    pub rights: Rights,
    /// How many items there are.
    pub items: u64,
}

/// A collection, and a number in it.
pub type ItemId = (Hash, u64);

#[derive(BorshDeserialize)]
enum Request {
    Create { name: Text<64>, cap: Option<u64>, metadata_bytes: u16, rights: Rights },
    Mint { id: ItemId, to: Address, content: Hash, metadata: Text<1_024> },
    Transfer { id: ItemId, to: Address, memo: Memo },
    Burn { id: ItemId },
    Renounce { collection: Hash, rights: Rights },
    HandOver { collection: Hash, to: Address },
}

#[derive(BorshSerialize)]
enum Said {
    Create { collection: Hash, issuer: Address },
    Mint { id: ItemId, to: Address, content: Hash },
    Transfer { id: ItemId, from: Address, to: Address, memo: Memo },
    Burn { id: ItemId, from: Address },
    Renounce { collection: Hash, rights: Rights },
    HandOver { collection: Hash, to: Address },
}

fn collection_key(id: Hash) -> Vec<u8> {
    [&[0][..], &id.encode()].concat()
}

/// Of the owner under prefix 1, of the content under prefix 2.
fn item_key(prefix: u8, (collection, number): ItemId) -> Vec<u8> {
    [&[prefix][..], &collection.encode(), &number.to_be_bytes()].concat()
}

/// What an event about an item is found under.
fn item_name((collection, number): ItemId) -> Vec<u8> {
    [&collection.encode()[..], &number.to_be_bytes()].concat()
}

fn owned_key(owner: &Address, (collection, number): ItemId) -> Vec<u8> {
    [&[3][..], &owner.encode(), &collection.encode(), &number.to_be_bytes()].concat()
}

fn require(holds: bool, otherwise: u16) -> Result<(), u16> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// Every collection, by its id.
#[must_use]
pub fn collections(state: &State) -> Vec<(Hash, Collection)> {
    let described = state.iter().filter(|(key, _)| key.starts_with(&[0, 2, 0]));
    let typed = described.map(|(key, value)| {
        Some((Hash::decode_exact(&key[3..]).ok()?, Collection::decode_exact(value).ok()?))
    });
    typed.flatten().collect()
}

/// Every item, and its owner.
#[must_use]
pub fn items(state: &State) -> Vec<(ItemId, Address)> {
    let owned = state.iter().filter(|(key, _)| key.starts_with(&[0, 2, 1]));
    let typed = owned.map(|(key, owner)| {
        let number = u64::from_be_bytes(*key[3..].last_chunk()?);
        let collection = Hash::decode_exact(key.get(3..35)?).ok()?;
        Some(((collection, number), Address::decode_exact(owner).ok()?))
    });
    typed.flatten().collect()
}

/// What the index says that an account owns, in order.
#[must_use]
pub fn owned(state: &State, owner: &Address) -> Vec<ItemId> {
    let prefix = [&[0, 2, 3][..], &owner.encode()].concat();
    let rest = state.keys().filter_map(|key| key.strip_prefix(&prefix[..]));
    let typed = rest.map(|rest| {
        let number = u64::from_be_bytes(*rest.last_chunk()?);
        Some((Hash::decode_exact(rest.get(..32)?).ok()?, number))
    });
    typed.flatten().collect()
}

fn find(desk: &mut Desk, id: Hash) -> Result<Collection, u16> {
    desk.read(&collection_key(id))?.ok_or(UNKNOWN)
}

fn as_issuer(desk: &mut Desk, caller: Address, id: Hash) -> Result<Collection, u16> {
    let collection = find(desk, id)?;
    require(collection.issuer == caller, NOT_ISSUER)?;
    Ok(collection)
}

fn put(desk: &mut Desk, id: ItemId, owner: &Address) -> Result<(), u16> {
    desk.set(&item_key(1, id), &owner.encode())?;
    desk.set(&owned_key(owner, id), &[1])
}

fn take(desk: &mut Desk, id: ItemId, from: &Address) -> Result<(), u16> {
    let owner: Address = desk.read(&item_key(1, id))?.ok_or(ABSENT)?;
    require(owner == *from, NOT_OWNER)?;
    desk.set(&owned_key(from, id), &[])
}

fn mint(
    desk: &mut Desk,
    caller: Address,
    id: ItemId,
    to: Address,
    content: Hash,
    metadata: &Text<1_024>,
) -> Result<(), u16> {
    let mut collection = as_issuer(desk, caller, id.0)?;
    require(collection.rights.0, NO_RIGHT)?;
    require(metadata.len() <= usize::from(collection.metadata_bytes), METADATA)?;
    require(collection.cap.is_none_or(|cap| collection.items < cap), CAP)?;
    collection.items += 1;
    desk.set(&collection_key(id.0), &collection.encode())?;
    require(desk.get(&item_key(1, id))?.is_none(), EXISTS)?;
    desk.set(&item_key(2, id), &(content, metadata).encode())?;
    put(desk, id, &to)?;
    let keys = vec![to.encode(), id.0.encode(), item_name(id)];
    desk.tell(keys, Said::Mint { id, to, content }.encode())
}

fn burn(desk: &mut Desk, from: Address, id: ItemId) -> Result<(), u16> {
    let mut collection = find(desk, id.0)?;
    require(collection.rights.1, NO_RIGHT)?;
    take(desk, id, &from)?;
    desk.set(&item_key(1, id), &[])?;
    desk.set(&item_key(2, id), &[])?;
    collection.items -= 1;
    desk.set(&collection_key(id.0), &collection.encode())?;
    let keys = vec![from.encode(), id.0.encode(), item_name(id)];
    desk.tell(keys, Said::Burn { id, from }.encode())
}

fn renounce(desk: &mut Desk, caller: Address, id: Hash, rights: Rights) -> Result<(), u16> {
    let mut now = as_issuer(desk, caller, id)?;
    let held = now.rights;
    let all_held = (held.0 || !rights.0) && (held.1 || !rights.1);
    require(rights != Rights::default() && all_held, NO_RIGHT)?;
    now.rights = Rights(held.0 && !rights.0, held.1 && !rights.1);
    desk.set(&collection_key(id), &now.encode())?;
    desk.tell(vec![id.encode()], Said::Renounce { collection: id, rights }.encode())
}

pub(crate) fn call(desk: &mut Desk, caller: Address, payload: &[u8]) -> Result<(), u16> {
    match Request::decode_exact(payload).map_err(|_| 7_u16)? {
        Request::Create { name, cap, metadata_bytes, rights } => {
            require(is_name(&name), NAME)?;
            require(cap != Some(0), CAP)?;
            require(metadata_bytes <= 1_024, METADATA)?;
            let collection = desk.next_id(&NEW, 4, caller)?;
            let items = 0;
            let new = Collection { issuer: caller, name, cap, metadata_bytes, rights, items };
            desk.set(&collection_key(collection), &new.encode())?;
            desk.tell(
                vec![caller.encode(), collection.encode()],
                Said::Create { collection, issuer: caller }.encode(),
            )
        }
        Request::Mint { id, to, content, metadata } => {
            mint(desk, caller, id, to, content, &metadata)
        }
        Request::Transfer { id, to, memo } => {
            take(desk, id, &caller)?;
            put(desk, id, &to)?;
            let keys = vec![caller.encode(), to.encode(), id.0.encode(), item_name(id)];
            desk.tell(keys, Said::Transfer { id, from: caller, to, memo }.encode())
        }
        Request::Burn { id } => burn(desk, caller, id),
        Request::Renounce { collection, rights } => renounce(desk, caller, collection, rights),
        Request::HandOver { collection, to } => {
            let now = Collection { issuer: to, ..as_issuer(desk, caller, collection)? };
            desk.set(&collection_key(collection), &now.encode())?;
            desk.tell(
                vec![to.encode(), collection.encode()],
                Said::HandOver { collection, to }.encode(),
            )
        }
    }
}
