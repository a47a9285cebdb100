//! The same steps as calls.
use crate::book::{Book, who};
use crate::plan::{Step, Step::*};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Asset, AssetsEvent, Rights};
use isonomy_ledger::locks::{self, Deadline, LocksEvent, Preimage, Promise, deposit};
use isonomy_ledger::unique::{self, UniqueEvent};
use isonomy_ledger::*;
use isonomy_types::*;

impl Book {
    pub(crate) fn asset(&self, place: usize) -> Asset {
        match place % self.metals.len() {
            0 => Asset::Coin,
            place => Asset::Issued(self.metals[place].id),
        }
    }

    pub(crate) fn issued_id(&self, place: usize) -> Hash {
        self.issued(place).map_or(Hash::ZERO, |place| self.metals[place].id)
    }

    pub(crate) fn shelf_id(&self, place: usize) -> Hash {
        let shelf = self.shelves.get(place % self.shelves.len().max(1));
        shelf.map_or(Hash::ZERO, |shelf| shelf.id)
    }

    pub(crate) fn chest_id(&self, place: usize) -> Hash {
        let chest = self.chests.get(place % self.chests.len().max(1));
        chest.map_or(Hash::ZERO, |chest| chest.id)
    }

    pub(crate) fn actions(&self, step: &Step, height: u64) -> Vec<(ModuleId, Vec<u8>)> {
        match *step {
            Create { .. }
            | MintItem { .. }
            | SendItem { .. }
            | BurnItem { .. }
            | RenounceItems { .. } => vec![(unique::ID, self.unique(step).encode())],
            Claim { lock, secret } => {
                let (id, preimage) = (self.chest_id(lock), Preimage([secret; 32]));
                vec![(locks::ID, locks::Call::Claim { id, preimage }.encode())]
            }
            Refund { lock } => {
                vec![(locks::ID, locks::Call::Refund { id: self.chest_id(lock) }.encode())]
            }
            Lock { asset, amount, brought, to, secret, blocks } => {
                let (asset, amount, to) = (self.asset(asset), Amount(amount), who(to));
                let expires = Deadline::Height(height + blocks);
                let hash = Preimage([secret; 32]).hash();
                let promise = Promise { asset, amount, to, hash, expires };
                let brought = deposit(&Promise { amount: Amount(brought), ..promise.clone() });
                let lock = locks::Call::Lock(promise);
                vec![(assets::ID, brought.encode()), (locks::ID, lock.encode())]
            }
            _ => vec![(assets::ID, self.assets(step).encode())],
        }
    }

    pub(crate) fn assets(&self, step: &Step) -> assets::Call {
        use assets::Call;
        let rights = |[mint, burn, freeze]: [bool; 3]| Rights { mint, burn, freeze };
        match *step {
            Issue { cap, rights: held, amount, to } => Call::Issue(assets::Issue {
                symbol: "M".to_string().try_into().unwrap(),
                name: "Metal".to_string().try_into().unwrap(),
                decimals: 0,
                cap: cap.map(Amount),
                rights: rights(held),
                amount: Amount(amount),
                to: who(to),
            }),
            Send { asset, to, amount } => {
                let (asset, memo) = (self.asset(asset), Memo::default());
                Call::Transfer { asset, to: who(to), amount: Amount(amount), memo }
            }
            Mint { asset, to, amount } => {
                Call::Mint { asset: self.issued_id(asset), to: who(to), amount: Amount(amount) }
            }
            Burn { asset, amount } => {
                Call::Burn { asset: self.issued_id(asset), amount: Amount(amount) }
            }
            Freeze { asset, who: n } => {
                Call::Freeze { asset: self.issued_id(asset), account: who(n) }
            }
            Thaw { asset, who: n } => Call::Thaw { asset: self.issued_id(asset), account: who(n) },
            Renounce { asset, rights: ends } => {
                Call::Renounce { asset: self.issued_id(asset), rights: rights(ends) }
            }
            HandOver { asset, to } => Call::HandOver { asset: self.issued_id(asset), to: who(to) },
            ref other => panic!("{other:?}"),
        }
    }

    pub(crate) fn unique(&self, step: &Step) -> unique::Call {
        use unique::Call;
        let rights = |[mint, burn]: [bool; 2]| unique::Rights { mint, burn };
        match *step {
            Create { cap, rights: held } => {
                let name = "Shelf".to_string().try_into().unwrap();
                Call::Create(unique::Create { name, cap, metadata_bytes: 0, rights: rights(held) })
            }
            MintItem { of, number, to, content } => Call::Mint {
                id: (self.shelf_id(of), number),
                to: who(to),
                content: Hash::from_bytes([content; 32]),
                metadata: Text::default(),
            },
            SendItem { of, number, to } => {
                let (id, memo) = ((self.shelf_id(of), number), Memo::default());
                Call::Transfer { id, to: who(to), memo }
            }
            BurnItem { of, number } => Call::Burn { id: (self.shelf_id(of), number) },
            RenounceItems { of, rights: ends } => {
                Call::Renounce { collection: self.shelf_id(of), rights: rights(ends) }
            }
            ref other => panic!("{other:?}"),
        }
    }

    /// Takes over the ids of what the transaction made, in order.
    pub(crate) fn name(&mut self, receipt: &Receipt) {
        for Event { module, payload, .. } in receipt.events.iter() {
            match module {
                assets::ID => {
                    if let AssetsEvent::Issue { asset, .. } =
                        AssetsEvent::decode_exact(&payload).unwrap()
                    {
                        self.metals
                            .iter_mut()
                            .skip(1)
                            .find(|new| new.id == Hash::ZERO)
                            .unwrap()
                            .id = asset;
                    }
                }
                unique::ID => {
                    let event = UniqueEvent::decode_exact(&payload).unwrap();
                    if let UniqueEvent::Create { collection, .. } = event {
                        self.shelves.iter_mut().find(|new| new.id == Hash::ZERO).unwrap().id =
                            collection;
                    }
                }
                _ => {
                    if let LocksEvent::Lock { id, .. } = LocksEvent::decode_exact(&payload).unwrap()
                    {
                        self.chests.iter_mut().find(|new| new.id == Hash::ZERO).unwrap().id = id;
                    }
                }
            }
        }
    }
}
