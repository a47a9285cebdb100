use crate::admit::{BODY_OVERHEAD_BYTES, Load, admit, bounds};
use crate::expect::{AHEAD, Keys, expected};
use crate::fee::{payer, purse};
use crate::session::{Meter, Next, Session};
use crate::{
    AdmitError, Context, Env, ExecuteError, Executed, Fault, Inadmissible, Mode, Module, Modules,
    Purse, Receipt, StateTree, cost,
};
use alloc::{sync::Arc, vec::Vec};
use isonomy_crypto::{Domain, Hash, list_root};
use isonomy_types::{Amount, Checked, Encode, ModuleId, Transaction};

/// Names the block's own receipt.
const BLOCK: Domain = Domain::new("isonomy block receipt 1");

/// Keys that a plain transfer touches: its signer's record and two balances. Room for as many is made
/// at once; what touches more, grows it.
const KEYS_EACH: usize = 3;

/// A block under way.
pub(crate) struct Run {
    session: Session,
    load: Load,
    fees: Amount,
    included: Vec<Arc<Transaction<Checked>>>,
    refused: Vec<(Hash, Inadmissible)>,
    receipts: Vec<Receipt>,
}

impl Run {
    pub(crate) fn new(session: Session) -> Self {
        Self {
            session,
            load: Load::default(),
            fees: Amount::ZERO,
            included: Vec::new(),
            refused: Vec::new(),
            receipts: Vec::new(),
        }
    }

    pub(crate) fn hooks(
        &mut self,
        hook: impl Fn(&dyn Module, &mut Context<'_>) -> Result<(), Fault>,
    ) -> Result<(), ExecuteError> {
        self.session.modules.clone().ids().into_iter().try_for_each(|id| self.hook(id, &hook))
    }

    pub(crate) fn hook(
        &mut self,
        id: ModuleId,
        hook: impl FnOnce(&dyn Module, &mut Context<'_>) -> Result<(), Fault>,
    ) -> Result<(), ExecuteError> {
        let modules = self.session.modules.clone();
        let ran = modules
            .get(id)
            .and_then(|module| hook(module, &mut Context::new(&mut self.session, id, None)));
        self.sound(ran)?;
        self.session.settle();
        Ok(())
    }

    /// A failed read comes before any verdict.
    fn sound(&self, ran: Result<(), Fault>) -> Result<(), ExecuteError> {
        self.session.intact()?;
        ran.map_err(ExecuteError::Module)
    }

    /// What modules said outside of transactions is kept for the block's own receipt.
    pub(crate) fn transactions(
        &mut self,
        transactions: Vec<Arc<Transaction<Checked>>>,
        mode: Mode,
    ) -> Result<(), ExecuteError> {
        let own = core::mem::take(&mut self.session.events);
        let (modules, mut keys) = (self.session.modules.clone(), Keys::default());
        self.session.reserve(transactions.len().saturating_mul(KEYS_EACH));
        self.receipts.reserve(transactions.len());
        self.included.reserve(transactions.len());
        let (mut rest, mut index) = (transactions.into_iter(), 0_usize);
        while !rest.as_slice().is_empty() {
            let (env, load) = (&self.session.env, self.load);
            // A template is offered far more than finds room.
            let fits = |tx: &&Arc<_>| mode == Mode::Block || bounds(env, tx, load).is_ok();
            keys.clear();
            expected(&modules, rest.as_slice().iter().take(AHEAD).filter(fits), &mut keys);
            self.session.expect(&keys)?;
            for transaction in rest.by_ref().take(AHEAD) {
                self.transaction(&modules, index, transaction, mode)?;
                index = index.saturating_add(1);
            }
        }
        self.session.events = own;
        Ok(())
    }

    /// Of the base fee's part a share is burned; the producer gets the rest, and all that was paid
    /// above. The share is of the block's sum, so that it is rounded once.
    pub(crate) fn settle_fees(&mut self) -> Result<(), ExecuteError> {
        let producer = self.session.env.producer;
        let burned = self.session.env.params.burned(self.load.meter).min(self.fees);
        let paid = self.fees.checked_sub(burned).unwrap_or_default();
        let (modules, session) = (self.session.modules.clone(), &mut self.session);
        let settled = purse(session, &modules, producer, Purse::Burn(burned))
            .and_then(|()| purse(session, &modules, producer, Purse::Give(paid)));
        self.sound(settled)
    }

    /// Moves the base fee by how full the block is, within what its modules decided.
    pub(crate) fn move_base_fee(&mut self) {
        let bytes = BODY_OVERHEAD_BYTES.saturating_add(self.load.bytes);
        let moved = self.session.env.params.next_base_fee(bytes, self.load.meter);
        let next = &mut self.session.next.params;
        next.base_fee = next.within(moved);
    }

    /// Admission is one savepoint, the actions another: actions that fail leave nonces and fee spent.
    fn transaction(
        &mut self,
        modules: &Modules,
        index: usize,
        transaction: Arc<Transaction<Checked>>,
        mode: Mode,
    ) -> Result<(), ExecuteError> {
        let load = self.load;
        match self.session.savepoint(|session| admit(session, modules, &transaction, load)) {
            Ok(()) => {}
            Err(AdmitError::Read(failed)) => return Err(failed.into()),
            Err(AdmitError::Inadmissible(why)) if mode == Mode::Template => {
                self.refused.push((transaction.id(), why));
                return Ok(());
            }
            Err(AdmitError::Inadmissible(why)) => {
                return Err(ExecuteError::Invalid { index, why });
            }
        }
        let receipt = self.perform(modules, &transaction)?;
        let meter = self.load.meter.saturating_add(receipt.meter);
        self.load = Load { bytes: self.load.add(&transaction), meter };
        // Cannot saturate: the meters' sum and every price fit 64 bits.
        self.fees = Amount(self.fees.0.saturating_add(receipt.fee.0));
        self.receipts.push(receipt);
        self.included.push(transaction);
        self.session.settle();
        Ok(())
    }

    /// Runs an admitted transaction's actions and returns what is left of the reserved fee.
    fn perform(
        &mut self,
        modules: &Modules,
        transaction: &Transaction<Checked>,
    ) -> Result<Receipt, ExecuteError> {
        let (session, intent) = (&mut self.session, transaction.intent());
        session.meter = Meter { used: cost::intrinsic(transaction), limit: intent.meter_limit };
        let outcome = session.savepoint(|session| actions(session, modules, transaction));
        let meter = session.meter.used.min(intent.meter_limit);
        session.meter = Meter::UNLIMITED;
        let paid = modules.fees_through().map(|_| Amount::cost(meter, intent.price));
        let fee = paid.unwrap_or_default();
        let rest = intent.max_fee().checked_sub(fee).unwrap_or_default();
        let returned = purse(session, modules, payer(transaction), Purse::Give(rest));
        self.sound(returned)?;
        Ok(Receipt {
            transaction: transaction.id(),
            code: outcome.map_or_else(|fault| fault.code(), |()| 0),
            meter,
            fee,
            events: self.session.events.take(),
        })
    }

    /// `tree` is that of the state before, and stays it.
    pub(crate) fn finish(mut self, tree: StateTree) -> Executed {
        let events = self.session.events.take();
        if !events.is_empty() {
            let Env { genesis, height, .. } = &self.session.env;
            // impossible: attack 09, because rewards are not transactions; their receipts name the
            // height.
            let transaction = (genesis, height).digest(&BLOCK);
            let receipt = Receipt { transaction, code: 0, meter: 0, fee: Amount::ZERO, events };
            self.receipts.push(receipt);
        }
        let leaves = Receipt::leaves(&self.receipts);
        let layer = self.session.layer();
        let Next { authority: next_authority, params: next_params } = self.session.next;
        Executed {
            included: self.included,
            refused: self.refused,
            tree,
            receipts: self.receipts,
            receipts_root: list_root(&leaves),
            next_authority,
            next_params,
            layer: Arc::new(layer),
            joined: None,
        }
    }
}

fn actions(
    session: &mut Session,
    modules: &Modules,
    transaction: &Transaction<Checked>,
) -> Result<(), Fault> {
    let intent = transaction.intent();
    for action in intent.actions.iter() {
        session.meter.charge(cost::CALL)?;
        let signer = intent.signers.get(usize::from(action.by)).ok_or(Fault::NoCaller)?;
        let ctx = &mut Context::new(session, action.module, Some(signer.account));
        modules.get(action.module)?.call(ctx, &action.payload)?;
    }
    session.meter.check()
}
