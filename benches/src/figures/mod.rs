//! One row a figure: what it costs here, and beside what.
mod batch;
mod build;
mod codec;
mod depth;
mod durable;
mod import;
mod kernel;
mod peer;
mod price;
mod row;
mod sim;
mod state;
mod transfer;
mod verify;

use row::Row;
use std::error::Error;

type Measured = Result<Row, Box<dyn Error>>;

type Figure = (&'static str, fn() -> Measured);

const FIGURES: [Figure; 29] = [
    ("verify-one", verify::verify_one),
    ("batch-4096-ifma", batch::ifma_4096),
    ("batch-4096-portable", batch::portable_4096),
    ("batch-256-ifma", batch::ifma_256),
    ("batch-256-portable", batch::portable_256),
    ("batch-64-ifma", batch::ifma_64),
    ("batch-64-portable", batch::portable_64),
    ("batch-16-ifma", batch::ifma_16),
    ("batch-16-portable", batch::portable_16),
    ("batch-cores", batch::cores),
    ("batch-limit", batch::limit),
    ("codec-transaction", codec::transaction),
    ("state-update", state::update),
    ("state-durable", durable::durable),
    ("state-scaling", state::scaling),
    ("state-memory", state::memory),
    ("proof-make", state::make),
    ("proof-verify", state::verify),
    ("transfer-exec", transfer::exec),
    ("transfer-root", transfer::root),
    ("transfer-depth", depth::transfer),
    ("layers-join", depth::join),
    ("worst-block", price::worst),
    ("unit-price", price::units),
    ("import-4096", import::import),
    ("import-vs-kernel", kernel::import),
    ("import-without-signatures", kernel::without_signatures),
    ("sim-events", sim::events),
    ("cold-build", build::cold),
];

/// Measures the figures named, or all, and prints each as it is done.
pub(crate) fn print(only: &[String]) -> Result<(), Box<dyn Error>> {
    if let Some(got) = only.iter().find(|id| FIGURES.iter().all(|(known, _)| known != id)) {
        let known: Vec<_> = FIGURES.iter().map(|(id, _)| *id).collect();
        return Err(format!("no figure {got:?}; there are {}", known.join(", ")).into());
    }
    println!("{}", row::HEAD);
    for (id, measure) in FIGURES {
        if only.is_empty() || only.iter().any(|wanted| wanted == id) {
            println!("{}", measure()?.line(id));
        }
    }
    Ok(())
}
