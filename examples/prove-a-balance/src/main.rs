//! Prove what an account holds to someone who knows one header.
//!
//! `prover.rs` runs a chain of a thousand accounts and has its whole state. `verifier.rs` knows the
//! bytes of one header. A few hundred bytes from the one convince the other that Bob holds his
//! coins, that Carol holds none, or both at once; and nothing convinces it of anything else: another
//! amount, a changed byte, or what was true a block ago is refused.
#![allow(clippy::print_stdout)]
mod prover;
mod verifier;

use isonomy_crypto::{Domain, Secret};
use isonomy_types::{Address, Amount, Encode};
use isonomy_wallet::Wallet;
use prover::Prover;
use std::error::Error;
use verifier::Verifier;

const STRANGER: Domain = Domain::new("example stranger 1");

fn main() -> Result<(), Box<dyn Error>> {
    // Keys for a demonstration alone: everybody knows them.
    let alice = Wallet::new(Secret::from_bytes(&[1; 32])?);
    let bob = Wallet::new(Secret::from_bytes(&[2; 32])?).address();
    let carol = Wallet::new(Secret::from_bytes(&[3; 32])?).address();

    let strangers = (0..999_u64).map(|n| Address(n.digest(&STRANGER)));
    let rich: Vec<_> = strangers.chain([alice.address()]).collect();
    let mut prover = Prover::new(&rich, Amount(1_000_000))?;
    for amount in [500, 300, 200] {
        prover.block(&alice, bob, Amount(amount))?;
    }

    // All that ever reaches the verifier: a header, and then proofs.
    let header = prover.header();
    let verifier = Verifier::new(&header)?;
    println!(
        "The verifier has {} bytes: the header of height {}.",
        header.len(),
        verifier.height()
    );

    let one = prover.prove(&[bob])?;
    verifier.check(&one, &[(bob, Amount(1_000))])?;
    println!("{:4} bytes prove that Bob holds 1000 coins.", one.len());

    let none = prover.prove(&[carol])?;
    verifier.check(&none, &[(carol, Amount::ZERO)])?;
    println!("{:4} bytes prove that Carol holds none.", none.len());

    let both = prover.prove(&[bob, carol])?;
    let claims = [(bob, Amount(1_000)), (carol, Amount::ZERO)];
    verifier.check(&both, &claims)?;
    println!("{:4} bytes prove both at once.", both.len());

    println!("\nRefused:");
    let refused = |what: &str, proof: &[u8], claims: &[(Address, Amount)]| {
        let why = verifier.check(proof, claims).err().ok_or(format!("{what} was believed"))?;
        println!("- {what}: {why}.");
        Ok::<_, Box<dyn Error>>(())
    };
    refused("1001 coins of Bob's", &one, &[(bob, Amount(1_001))])?;
    refused("that Bob holds none", &one, &[(bob, Amount::ZERO)])?;
    refused("that Carol holds one coin", &none, &[(carol, Amount(1))])?;
    refused("Bob's proof for Carol", &one, &[(carol, Amount(1_000))])?;

    flipped(&verifier, &both, &claims)?;
    println!("- the proof of both with any one of its {} bits flipped.", both.len() * 8);

    // The chain goes on. The proof speaks of the state after one block, and of no other.
    prover.block(&alice, bob, Amount(1))?;
    let (newer, now) = (prover.prove(&[bob])?, [(bob, Amount(1_001))]);
    refused("a newer proof against the old header", &newer, &now)?;
    let verifier = Verifier::new(&prover.header())?;
    assert!(verifier.check(&one, &claims[..1]).is_err(), "an old proof against the new header");
    verifier.check(&newer, &now)?;
    println!("\nWith the header of height {}, Bob holds 1001.", verifier.height());
    Ok(())
}

/// No bit of a proof can be another.
fn flipped(
    verifier: &Verifier,
    proof: &[u8],
    claims: &[(Address, Amount)],
) -> Result<(), Box<dyn Error>> {
    let mut changed = proof.to_vec();
    for at in 0..proof.len() * 8 {
        changed[at / 8] ^= 1 << (at % 8);
        if verifier.check(&changed, claims).is_ok() {
            return Err(format!("a proof with bit {at} flipped was believed").into());
        }
        changed[at / 8] ^= 1 << (at % 8);
    }
    Ok(())
}
