use super::Measured;
use super::row::Row;
use isonomy_benches::measure::cpu_ns;

pub(super) fn events() -> Measured {
    let mut messages = 0;
    let ns = cpu_ns(|| messages = 0);
    let _ = (ns, messages);
    Ok(Row {
        what: "messages handled a second in the simulator, 100 nodes, 10 transactions a second",
        ours: String::new(),
        beside: "–".into(),
        ratio: None,
        goal: None,
    })
}
