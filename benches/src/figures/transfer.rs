//! A block of transfers beside `revm`, whose state has no root.
use super::Measured;
use super::peer::{number, run};
use super::row::{Goal, Row, time};

pub(super) fn exec() -> Measured {
    let found = run("revm")?;
    Ok(Row {
        what: "a transfer of 10 000 in 1 000 000 accounts, signatures checked, receipts and undo, no root",
        ours: time(number(&found, "exec_ns")?),
        beside: format!("`revm`, `CacheDB` {}", time(number(&found, "beside_ns")?)),
        ratio: Some(number(&found, "exec_ratio")?),
        goal: Some(Goal::Ratio(0.5)),
    })
}

pub(super) fn root() -> Measured {
    let found = run("revm")?;
    let (ours, flush) = (number(&found, "root_ns")?, number(&found, "flush_ns")?);
    Ok(Row {
        what: "the same with our state root; the flush to the store's base apart",
        ours: format!("{}, flush {}", time(ours), time(flush)),
        beside: format!("`revm` without a root {}", time(number(&found, "beside_ns")?)),
        ratio: Some(number(&found, "root_ratio")?),
        goal: Some(Goal::Ratio(1.0)),
    })
}
