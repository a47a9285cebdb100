#![allow(clippy::float_arithmetic)]
use super::Measured;
use super::row::Row;
use isonomy_benches::measure::cpu_ns;
use isonomy_sim::load::Load;

const NODES: usize = 100;
const A_SECOND: u64 = 10;
/// Virtual seconds until all links stand and blocks flow, and that are counted after.
const WARM_S: u64 = 10;
const COUNTED_S: u64 = 20;

pub(super) fn events() -> Measured {
    let mut load = Load::new(1, NODES, A_SECOND)?;
    let before = load.run(WARM_S).inputs;
    let mut after = before;
    let ns = cpu_ns(|| after = load.run(COUNTED_S).inputs);
    let inputs = after.saturating_sub(before);
    let rate = inputs as f64 / ns * 1e9;
    Ok(Row {
        what: "messages handled a second in the simulator, 100 nodes, 10 transactions a second",
        ours: format!("{rate:.0} a second of one core ({inputs} in {COUNTED_S} virtual seconds)"),
        beside: "–".into(),
        ratio: None,
        goal: None,
    })
}
