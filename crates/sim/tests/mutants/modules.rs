//! Ledgers that do the wrong thing at the end of a block.
use crate::stage::{base, invariant, with_modules};
use isonomy_ledger::assets::{self, Assets};
use isonomy_ledger::{Context, Fault, Module, Modules, Purse};
use isonomy_types::{Address, Amount, Encode};
use std::sync::Arc;

/// The coin, and something more at the end of each block.
struct Twisted(fn(&mut Context<'_>) -> Result<(), Fault>);

impl Module for Twisted {
    fn genesis(&self, ctx: &mut Context<'_>, config: &[u8]) -> Result<(), Fault> {
        Assets.genesis(ctx, config)
    }

    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        Assets.call(ctx, payload)
    }

    fn query(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        Assets.query(ctx, payload)
    }

    fn end(&self, ctx: &mut Context<'_>) -> Result<(), Fault> {
        Assets.end(ctx)?;
        (self.0)(ctx)
    }

    fn describe(&self, payload: &[u8]) -> String {
        Assets.describe(payload)
    }

    fn purse(&self, ctx: &mut Context<'_>, of: Address, change: Purse) -> Result<(), Fault> {
        Assets.purse(ctx, of, change)
    }

    fn means(&self, ctx: &mut Context<'_>, of: Address) -> Result<Amount, Fault> {
        Assets.means(ctx, of)
    }

    fn takes(&self, payload: &[u8]) -> Amount {
        Assets.takes(payload)
    }
}

fn twisted(twist: fn(&mut Context<'_>) -> Result<(), Fault>) -> Arc<Modules> {
    let modules = Modules::default().with(assets::ID, Twisted(twist)).unwrap();
    Arc::new(modules.purse(assets::ID).unwrap())
}

/// A balance out of nowhere, which the supply does not know of.
fn mint(ctx: &mut Context<'_>) -> Result<(), Fault> {
    let balance = [&[0][..], &Address::default().encode()].concat();
    ctx.set(&balance, &Amount(1_000).encode())
}

#[test]
fn nodes_with_other_rules_than_the_chain_break_invariant_2() {
    let minting = twisted(mint);
    let result = base().judge_on(|scenario| with_modules(scenario, &minting, None));
    assert_eq!(invariant(result), 2);
    let honest = twisted(|_| Ok(()));
    base().judge_on(|scenario| with_modules(scenario, &honest, None)).unwrap();
}

#[test]
fn a_module_that_mints_breaks_invariant_7() {
    let minting = twisted(mint);
    let result = base().judge_on(|scenario| with_modules(scenario, &minting, Some(&minting)));
    assert_eq!(invariant(result), 7);
}

#[test]
fn a_module_that_panics_breaks_invariant_12() {
    let bomb = twisted(|_| panic!("a bomb"));
    let result = base().judge_on(|scenario| with_modules(scenario, &bomb, Some(&bomb)));
    assert!(result.clone().unwrap_err().to_string().contains("a bomb"));
    assert_eq!(invariant(result), 12);
}
