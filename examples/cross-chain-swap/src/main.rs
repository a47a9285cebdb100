//! Swap coins of two chains with hash- and time-locked payments.
//!
//! Alice has coins on the chain East, Bob on the chain West. Neither chain knows of the other, and
//! neither Alice nor Bob need trust. Three times they set out to swap: once both keep on, once Bob
//! vanishes before he locks, once Alice vanishes after he did. Each time either both are paid or
//! both are refunded.
//!
//! Alice draws the secret, so she locks first, and for longer: whenever she shows the secret on West,
//! Bob has hours left in which to use it on East. `isonomy::ledger::locks` says what each must check.
#![allow(clippy::print_stdout)]
mod chain;

use chain::Chain;
use isonomy::crypto::{Hash, Secret};
use isonomy::ledger::assets::Asset;
use isonomy::ledger::locks::{Call, Deadline, Lock, Preimage, Promise, refusal};
use isonomy::types::{Address, Amount, Wall};
use isonomy::wallet::Wallet;
use std::error::Error;

/// What each has on his own chain.
const RICH: u128 = 1_000_000;
/// What each has on the other one, to pay for a block with.
const FARE: u128 = 100_000;
const HOUR: u64 = 3_600_000;
/// Until when Bob's coins are locked on West.
const EARLY: Wall = Wall(12 * HOUR);
/// Until when Alice's coins are locked on East.
const LATE: Wall = Wall(24 * HOUR);
/// The code of a receipt whose module refused, less the module's own code.
const REFUSED: u16 = 256;

/// Two chains, and the two who swap 500 coins of East against 300 of West.
struct Market {
    east: Chain,
    west: Chain,
    alice: Wallet,
    bob: Wallet,
}

fn main() -> Result<(), Box<dyn Error>> {
    both_keep_on(Market::new()?)?;
    bob_vanishes(Market::new()?)?;
    alice_vanishes(Market::new()?)
}

fn both_keep_on(mut market: Market) -> Result<(), Box<dyn Error>> {
    println!("Both keep on.");
    // Alice alone knows it. A real one is drawn at random, once for each swap.
    let secret = Preimage([42; 32]);
    let (first, second) = market.both_lock(secret.hash())?;

    let Market { east, west, alice, bob } = &mut market;
    assert_eq!(west.end(alice, &Call::Claim { id: second, preimage: secret })?, 0);
    let shown = west.shown(second).ok_or("a claim shows the preimage")?;
    println!("  Alice claims on West, which shows everybody the secret.");
    assert_eq!(east.end(bob, &Call::Claim { id: first, preimage: shown })?, 0);
    println!("  Bob claims on East with what he saw.");
    market.settled([RICH - 500, FARE + 300], [FARE + 500, RICH - 300])
}

fn bob_vanishes(mut market: Market) -> Result<(), Box<dyn Error>> {
    println!("Bob vanishes before he locks.");
    let first = market.alice_locks(Preimage([43; 32]).hash())?;

    let Market { east, alice, .. } = &mut market;
    let refund = Call::Refund { id: first };
    assert_eq!(east.end(alice, &refund)?, REFUSED + refusal::NOT_EXPIRED);
    println!("  Alice wants her coins back before the deadline: refused.");
    market.run_until(LATE)?;
    assert_eq!(market.east.end(&market.alice, &refund)?, 0);
    println!("  After the deadline she is refunded.");
    market.settled([RICH, FARE], [FARE, RICH])
}

fn alice_vanishes(mut market: Market) -> Result<(), Box<dyn Error>> {
    println!("Alice vanishes after Bob locked.");
    let (first, second) = market.both_lock(Preimage([44; 32]).hash())?;

    let guess = Call::Claim { id: first, preimage: Preimage([45; 32]) };
    assert_eq!(market.east.end(&market.bob, &guess)?, REFUSED + refusal::WRONG_PREIMAGE);
    println!("  Bob guesses at the secret: refused.");
    market.run_until(EARLY)?;
    assert_eq!(market.west.end(&market.bob, &Call::Refund { id: second })?, 0);
    println!("  After his deadline Bob is refunded. From now on Alice must never show the secret.");
    market.run_until(LATE)?;
    assert_eq!(market.east.end(&market.bob, &Call::Refund { id: first })?, 0);
    println!("  After hers she is refunded too. Anyone may ask for it: Bob does.");
    market.settled([RICH, FARE], [FARE, RICH])
}

impl Market {
    fn new() -> Result<Self, Box<dyn Error>> {
        // Keys for a demonstration alone: everybody knows them.
        let alice = Wallet::new(Secret::from_bytes(&[1; 32])?);
        let bob = Wallet::new(Secret::from_bytes(&[2; 32])?);
        let (a, b, rich, fare) = (alice.address(), bob.address(), Amount(RICH), Amount(FARE));
        let east = Chain::new(7, HOUR / 6, &[(a, rich), (b, fare)])?;
        let west = Chain::new(8, HOUR / 60, &[(a, fare), (b, rich)])?;
        Ok(Self { east, west, alice, bob })
    }

    /// Alice's promise on East, and Bob's on West.
    fn promises(&self, hash: Hash) -> [Promise; 2] {
        let promise = |to: Address, amount, deadline| {
            let expires = Deadline::Time(deadline);
            Promise { asset: Asset::Coin, amount: Amount(amount), to, hash, expires }
        };
        [promise(self.bob.address(), 500, LATE), promise(self.alice.address(), 300, EARLY)]
    }

    fn alice_locks(&mut self, hash: Hash) -> Result<Hash, Box<dyn Error>> {
        let [promise, _] = self.promises(hash);
        let id = self.east.lock(&self.alice, &promise)?;
        println!("  Alice locks 500 coins on East, for 24 hours.");
        Ok(id)
    }

    /// Each looks at the other's lock before the next step, once it is an hour deep.
    fn both_lock(&mut self, hash: Hash) -> Result<(Hash, Hash), Box<dyn Error>> {
        let first = self.alice_locks(hash)?;
        let [hers, his] = self.promises(hash);
        self.run_until(Wall(self.east.time().0 + HOUR))?;
        let maker = self.alice.address();
        assert_eq!(self.east.find(first)?, Some(Lock { maker, promise: hers }));

        let second = self.west.lock(&self.bob, &his)?;
        println!("  Bob sees it and locks 300 coins on West under the same hash, for 12 hours.");
        self.run_until(Wall(self.west.time().0 + HOUR))?;
        let maker = self.bob.address();
        assert_eq!(self.west.find(second)?, Some(Lock { maker, promise: his }));
        Ok((first, second))
    }

    fn run_until(&mut self, time: Wall) -> Result<(), Box<dyn Error>> {
        self.east.run_until(time)?;
        self.west.run_until(time)
    }

    /// What Alice and Bob hold in the end, on East and on West, but for fees.
    fn settled(&self, alice: [u128; 2], bob: [u128; 2]) -> Result<(), Box<dyn Error>> {
        for (name, wallet, want) in [("Alice", &self.alice, alice), ("Bob", &self.bob, bob)] {
            let of = wallet.address();
            let got = [self.east.holds(of)?, self.west.holds(of)?];
            assert_eq!(got, want.map(Amount), "{name}");
            println!("  {name} has {} coins on East and {} on West, but for fees.", got[0], got[1]);
        }
        Ok(())
    }
}
