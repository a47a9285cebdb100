//! A ledger without coins, which changes the committee once somebody asks for it, through calls
//! inside calls.
use isonomy_crypto::{Hash, Secret};
use isonomy_ledger::{Context, Event, Fault, Item, Module, Modules};
use isonomy_types::{
    Action, Authority, Blob, Decode, Encode, Intent, List, ModuleId, Nonce, Policy, Signer,
    Transaction, Version, Witness,
};
use std::sync::Arc;

pub(crate) const ROTATION: ModuleId = 1;
pub(crate) const CLERK: ModuleId = 2;

const NEXT: Item<Authority> = Item::new(0);
const TURNOVER: Item<u64> = Item::new(1);

/// Changes the committee at the height that the clerk names.
struct Rotation;

impl Module for Rotation {
    fn genesis(&self, ctx: &mut Context<'_>, config: &[u8]) -> Result<(), Fault> {
        NEXT.set(ctx, &Authority::decode_exact(config).map_err(Fault::Payload)?)
    }

    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        if ctx.caller() != Some(Policy::Module(CLERK).address()) {
            return Err(Fault::refused(1, "the clerk alone may ask"));
        }
        let height = u64::decode_exact(payload).map_err(Fault::Payload)?;
        TURNOVER.set(ctx, &height)?;
        ctx.emit(&[b"turnover ", &payload[..1]].concat())?;
        if height > ctx.env().height {
            return Ok(Vec::new());
        }
        let next = NEXT.get(ctx)?.ok_or(Fault::Unsupported)?;
        ctx.set_next_authority(Arc::new(next))?;
        Err(Fault::refused(2, "that height is past"))
    }

    fn query(&self, ctx: &mut Context<'_>, _: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(TURNOVER.get(ctx)?.encode())
    }

    fn end(&self, ctx: &mut Context<'_>) -> Result<(), Fault> {
        if TURNOVER.get(ctx)? == Some(ctx.env().height) {
            let next = NEXT.get(ctx)?.ok_or(Fault::Unsupported)?;
            ctx.set_next_authority(Arc::new(next))?;
        }
        Ok(())
    }

    fn describe(&self, _: &[u8]) -> String {
        "change the committee".into()
    }
}

/// Asks for a turnover, after some attempts that must leave no trace.
struct Clerk;

impl Module for Clerk {
    fn calls(&self) -> &[ModuleId] {
        &[ROTATION]
    }

    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        ctx.emit(b"asked")?;
        let height = u64::decode_exact(payload).map_err(Fault::Payload)?;
        // The inner call succeeds, the savepoint around it fails.
        let given_up = ctx.savepoint(|ctx| {
            ctx.emit(b"lost")?;
            ctx.call(ROTATION, &(height + 1).encode())?;
            Err::<(), _>(Fault::refused(3, "thought better of it"))
        });
        // The inner call writes all it can, and fails.
        let refused = ctx.call(ROTATION, &1_u64.encode());
        let left = ctx.query(ROTATION, &[])?;
        let expected = [
            given_up == Err(Fault::refused(3, "thought better of it")),
            refused == Err(Fault::refused(2, "that height is past")),
            left == None::<u64>.encode(),
            ctx.next_authority().hash() == ctx.env().authority.hash(),
        ];
        if expected.contains(&false) {
            return Err(Fault::refused(4, "something was not rolled back"));
        }
        ctx.savepoint(|ctx| ctx.call(ROTATION, payload))
    }

    fn describe(&self, _: &[u8]) -> String {
        "ask for another committee".into()
    }
}

/// The events of the transaction in which the clerk asked for a turnover at this height.
pub(crate) fn events(height: u64) -> Vec<Event> {
    let event = |module, payload: &[u8]| Event {
        module,
        keys: List::default(),
        payload: Blob::truncated(payload.to_vec()),
    };
    let turnover = [b"turnover ", &height.encode()[..1]].concat();
    vec![event(CLERK, b"asked"), event(ROTATION, &turnover)]
}

pub(crate) fn modules() -> Arc<Modules> {
    let modules = Modules::default().with(ROTATION, Rotation).unwrap();
    Arc::new(modules.with(CLERK, Clerk).unwrap())
}

/// The only transaction of its signer: a call with this height.
pub(crate) fn ask(genesis: &Hash, secret: &Secret, module: ModuleId, height: u64) -> Transaction {
    let policy = Policy::Key(secret.public());
    let signer = Signer { account: policy.address(), nonce: Nonce { lane: 0, seq: 0 } };
    let action = Action { module, by: 0, payload: Blob::truncated(height.encode()) };
    let intent = Intent {
        version: Version,
        signers: List::truncated(vec![signer]),
        actions: List::truncated(vec![action]),
        meter_limit: 100_000,
        price: 1,
        expires: u64::MAX,
    };
    let signature = secret.sign(&intent.signing_digest(genesis), &[0; 32]).unwrap();
    let signatures = List::truncated(vec![Some(signature)]);
    Transaction::new(intent, List::truncated(vec![Witness { policy, signatures }]))
}
