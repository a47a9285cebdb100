//! A module with every collection there is, and what it does in naive words; and one that sets the
//! params.
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_ledger::{Context, Fault, Indexed, IndexedMap, Module, Set, UniqueMap};
use isonomy_naive::Desk;
use isonomy_types::{Address, Decode, Encode, ModuleId, Params};

pub const HARBOUR: ModuleId = 8;
pub const COUNCIL: ModuleId = 9;
const TAKEN: u16 = 3;

#[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Boat {
    pub owner: Address,
    pub name: u8,
}

#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub enum Do {
    /// A boat under a name that no other boat may have.
    Register { boat: u8, name: u8 },
    /// Gives up a boat, whoever owns it.
    Scrap { boat: u8 },
    /// Registers, and comes back to the caller if the name is taken.
    Try { boat: u8, name: u8 },
}

impl Indexed for Boat {
    type By = Address;
    fn by(&self) -> Address {
        self.owner
    }
}

#[derive(BorshSerialize, BorshDeserialize)]
struct Named(u8);

impl Indexed for Named {
    type By = u8;
    fn by(&self) -> u8 {
        self.0
    }
}

const SKIPPERS: Set<Address> = Set::new(0);
pub const BOATS: IndexedMap<u8, Boat> = IndexedMap::new(1, 2);
const NAMES: UniqueMap<u8, Named> = UniqueMap::new(3, 4, TAKEN);

pub struct Harbour;

impl Harbour {
    fn register(ctx: &mut Context<'_>, owner: Address, boat: u8, name: u8) -> Result<(), Fault> {
        SKIPPERS.insert(ctx, &owner)?;
        BOATS.insert(ctx, &boat, &Boat { owner, name })?;
        NAMES.insert(ctx, &boat, &Named(name))?;
        Ok(())
    }
}

impl Module for Harbour {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let owner = ctx.caller().ok_or(Fault::NoCaller)?;
        match Do::decode_exact(payload).map_err(Fault::Payload)? {
            Do::Register { boat, name } => Self::register(ctx, owner, boat, name)?,
            Do::Scrap { boat } => {
                BOATS.remove(ctx, &boat)?;
                NAMES.remove(ctx, &boat)?;
            }
            Do::Try { boat, name } => {
                let done = ctx.savepoint(|ctx| Self::register(ctx, owner, boat, name));
                ctx.emit(&[u8::from(done.is_ok())])?;
            }
        }
        Ok(Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "keep boats".into()
    }
}

/// The same on bare keys.
pub fn naive(desk: &mut Desk, owner: Address, payload: &[u8]) -> Result<(), u16> {
    match Do::decode_exact(payload).map_err(|_| 7_u16)? {
        Do::Register { boat, name } => naive_register(desk, owner, boat, name),
        Do::Scrap { boat } => naive_scrap(desk, boat),
        Do::Try { boat, name } => {
            let done = desk.savepoint(|desk| naive_register(desk, owner, boat, name));
            desk.emit(vec![u8::from(done.is_ok())])
        }
    }
}

fn place(boat: u8, entry: &Boat) -> Vec<u8> {
    [&[2][..], &entry.owner.encode(), &[boat]].concat()
}

fn naive_register(desk: &mut Desk, owner: Address, boat: u8, name: u8) -> Result<(), u16> {
    let skipper = [&[0][..], &owner.encode()].concat();
    if desk.get(&skipper)?.is_none() {
        desk.set(&skipper, &[1])?;
    }
    let entry = Boat { owner, name };
    desk.savepoint(|desk| {
        let before = desk.get(&[1, boat])?.map(|bytes| Boat::decode_exact(&bytes).unwrap());
        if before.as_ref().is_none_or(|before| before.owner != owner) {
            if let Some(before) = before {
                desk.set(&place(boat, &before), &[])?;
            }
            desk.set(&place(boat, &entry), &[1])?;
        }
        desk.set(&[1, boat], &entry.encode())
    })?;
    desk.savepoint(|desk| {
        let before = desk.get(&[3, boat])?;
        if before.as_deref() != Some(&[name]) {
            if desk.get(&[4, name])?.is_some() {
                return Err(256 + TAKEN);
            }
            if let Some(before) = before {
                desk.set(&[4, before[0]], &[])?;
            }
            desk.set(&[4, name], &[boat])?;
        }
        desk.set(&[3, boat], &[name])
    })
}

fn naive_scrap(desk: &mut Desk, boat: u8) -> Result<(), u16> {
    desk.savepoint(|desk| {
        if let Some(bytes) = desk.get(&[1, boat])? {
            desk.set(&place(boat, &Boat::decode_exact(&bytes).unwrap()), &[])?;
            desk.set(&[1, boat], &[])?;
        }
        Ok(())
    })?;
    desk.savepoint(|desk| {
        if let Some(name) = desk.get(&[3, boat])? {
            desk.set(&[4, name[0]], &[])?;
            desk.set(&[3, boat], &[])?;
        }
        Ok(())
    })
}

/// Anyone may decide the next params: the payload is they.
pub struct Council;

impl Module for Council {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let next = Params::decode_exact(payload).map_err(Fault::Payload)?;
        ctx.set_next_params(next)?;
        Ok(Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "decide the params".into()
    }
}

pub fn naive_council(desk: &mut Desk, _: Address, payload: &[u8]) -> Result<(), u16> {
    desk.set_params(Params::decode_exact(payload).map_err(|_| 7_u16)?)
}
