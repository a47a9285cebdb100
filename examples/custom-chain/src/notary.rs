//! The ledger: whoever first registers a document's hash owns it, and can hand it on.
use isonomy_crypto::Hash;
use isonomy_ledger::{Context, Fault, Map, Module};
use isonomy_types::{Address, Decode, Encode};

/// What a payload says: a document, and who is to own it.
pub(crate) type Deed = (Hash, Address);

const OWNERS: Map<Hash, Address> = Map::new(0);

pub(crate) struct Notary;

impl Module for Notary {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let (document, to) =
            Deed::decode_exact(payload).map_err(|_| Fault::refused(0, "not a deed"))?;
        let caller = ctx.caller().ok_or_else(|| Fault::refused(1, "nobody calls"))?;
        match OWNERS.get(ctx, &document)? {
            Some(owner) if owner != caller => Err(Fault::refused(2, "somebody else's")),
            _ => {
                OWNERS.set(ctx, &document, &to)?;
                ctx.emit(payload)?;
                Ok(Vec::new())
            }
        }
    }

    /// A document in, its owner out.
    fn query(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let document =
            Hash::decode_exact(payload).map_err(|_| Fault::refused(0, "not a document"))?;
        Ok(OWNERS.get(ctx, &document)?.encode())
    }

    fn describe(&self, payload: &[u8]) -> String {
        match Deed::decode_exact(payload) {
            Ok((document, to)) => format!("have document {document} belong to {to}"),
            Err(_) => "a deed that cannot be read".into(),
        }
    }
}
