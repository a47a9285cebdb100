//! Under what each event of the modules is found: whoever is concerned, then what it is about.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{World, address};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Asset, Issue};
use isonomy_ledger::locks::{self, Deadline, Preimage, Promise, deposit};
use isonomy_ledger::unique::{self, Create};
use isonomy_ledger::*;
use isonomy_types::*;

const RICH: u128 = 10_000_000_000;
const ALL: assets::Rights = assets::Rights { mint: true, burn: true, freeze: true };

fn world() -> World {
    World::full(&[(1, RICH), (2, RICH), (3, RICH)])
}

/// Person `n`.
fn of(n: u8) -> Vec<u8> {
    address(n).encode()
}

/// The keys of each event that the module said.
fn keys(receipt: &Receipt, module: ModuleId) -> Vec<Vec<Vec<u8>>> {
    assert_eq!(receipt.code, 0, "{receipt:?}");
    let own = receipt.events.iter().filter(|event| event.module == module);
    own.map(|event| event.keys.iter().map(|key| key.to_vec()).collect()).collect()
}

/// Tells person `n`'s call, and what its events must be found under.
type Row = (&'static str, u8, Vec<u8>, Vec<Vec<Vec<u8>>>);

fn judge(world: &mut World, module: ModuleId, table: Vec<Row>) {
    for (what, n, call, want) in table {
        assert_eq!(keys(&world.act(n, &[(module, call)]), module), want, "{what}");
    }
}

#[test]
fn assets() {
    use assets::Call;
    let mut world = world();
    let (symbol, name) = ("GOLD".to_string(), "Gold".to_string());
    let (symbol, name) = (symbol.try_into().unwrap(), name.try_into().unwrap());
    let (amount, to) = (Amount(50), address(2));
    let issue = Issue { symbol, name, decimals: 0, cap: None, rights: ALL, amount, to };
    let receipt = world.act(1, &[(assets::ID, Call::Issue(issue).encode())]);
    let found = keys(&receipt, assets::ID);
    let id = Hash::decode_exact(&found[0][1]).unwrap();
    assert_eq!(found, [[of(1), id.encode()], [of(2), id.encode()]], "issue, and the first mint");

    let send = |asset| {
        let memo = Memo::default();
        Call::Transfer { asset, to: address(3), amount: Amount(5), memo }.encode()
    };
    let (asset, amount, account) = (id, Amount(1), address(3));
    let rights = assets::Rights { mint: true, ..Default::default() };
    let mint = Call::Mint { asset, to: account, amount };
    let about = |n| vec![vec![of(n), id.encode()]];
    let table = vec![
        ("coins", 2, send(Asset::Coin), vec![vec![of(2), of(3)]]),
        ("units", 2, send(Asset::Issued(id)), vec![vec![of(2), of(3), id.encode()]]),
        ("mint", 1, mint.encode(), about(3)),
        ("burn", 2, Call::Burn { asset, amount }.encode(), about(2)),
        ("freeze", 1, Call::Freeze { asset, account }.encode(), about(3)),
        ("thaw", 1, Call::Thaw { asset, account }.encode(), about(3)),
        ("renounce", 1, Call::Renounce { asset, rights }.encode(), vec![vec![id.encode()]]),
        ("hand over", 1, Call::HandOver { asset, to: address(2) }.encode(), about(2)),
    ];
    judge(&mut world, assets::ID, table);
}

#[test]
fn unique_assets() {
    use unique::Call;
    let mut world = world();
    let rights = unique::Rights { mint: true, burn: true };
    let name = "Deeds".to_string().try_into().unwrap();
    let create = Create { name, cap: None, metadata_bytes: 20, rights };
    let receipt = world.act(1, &[(unique::ID, Call::Create(create).encode())]);
    let found = keys(&receipt, unique::ID);
    let collection = Hash::decode_exact(&found[0][1]).unwrap();
    assert_eq!(found, [[of(1), collection.encode()]]);

    let id = (collection, 0x0102);
    let item = [&collection.encode()[..], &[0, 0, 0, 0, 0, 0, 1, 2]].concat();
    let (content, metadata) = (Hash::ZERO, Text::default());
    let mint = Call::Mint { id, to: address(2), content, metadata };
    let send = Call::Transfer { id, to: address(3), memo: Memo::default() };
    let of_item = |people: &[u8]| {
        let people = people.iter().map(|n| of(*n));
        vec![people.chain([collection.encode(), item.clone()]).collect()]
    };
    let whole = collection.encode();
    let table: Vec<Row> = vec![
        ("mint", 1, mint.encode(), of_item(&[2])),
        ("transfer", 2, send.encode(), of_item(&[2, 3])),
        ("burn", 3, Call::Burn { id }.encode(), of_item(&[3])),
        ("renounce", 1, Call::Renounce { collection, rights }.encode(), vec![vec![whole.clone()]]),
        (
            "hand over",
            1,
            Call::HandOver { collection, to: address(2) }.encode(),
            vec![vec![of(2), whole]],
        ),
    ];
    judge(&mut world, unique::ID, table);
}

/// Both parties find whatever happens to a lock, whoever brings it about.
#[test]
fn locks() {
    use locks::Call;
    let mut world = world();
    let preimage = Preimage([7; 32]);
    let hash = preimage.hash();
    for (height, ends) in [(100, true), (5, false)] {
        let expires = Deadline::Height(height);
        let (asset, amount, to) = (Asset::Coin, Amount(500), address(2));
        let promise = Promise { asset, amount, to, hash, expires };
        let brought = (assets::ID, deposit(&promise).encode());
        let receipt = world.act(1, &[brought, (locks::ID, Call::Lock(promise).encode())]);
        let found = keys(&receipt, locks::ID);
        let id = Hash::decode_exact(&found[0][2]).unwrap();
        assert_eq!(found, [[of(1), of(2), id.encode()]]);
        world.env.height = world.env.height.max(if ends { 0 } else { height });
        let call = if ends { Call::Claim { id, preimage } } else { Call::Refund { id } };
        let receipt = world.act(3, &[(locks::ID, call.encode())]);
        assert_eq!(keys(&receipt, locks::ID), found, "{ends}");
        let paid = if ends { of(2) } else { of(1) };
        let own = Policy::Module(locks::ID).address().encode();
        assert_eq!(keys(&receipt, assets::ID), [[own, paid]], "the payout is a transfer");
    }
}
