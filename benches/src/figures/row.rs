use std::fmt::Display;

pub(crate) const HEAD: &str =
    "| id | what | ours | beside | ratio | goal | met |\n|---|---|---|---|---|---|---|";

/// One line of the table.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) ours: String,
    pub(crate) beside: String,
    pub(crate) ratio: Option<f64>,
    pub(crate) goal: Option<Goal>,
}

/// What a figure should come to at most.
pub(crate) enum Goal {
    Ratio(f64),
    /// Of a figure without a peer: what it is, and what it should be at most.
    Most {
        got: f64,
        limit: f64,
        unit: &'static str,
    },
}

impl Row {
    /// What this machine cannot measure, and why not.
    pub(crate) fn not_here(what: &'static str, why: &str, goal: Goal) -> Self {
        Self { what, ours: "n/a".into(), beside: why.into(), ratio: None, goal: Some(goal) }
    }

    pub(crate) fn line(&self, id: &str) -> String {
        let ratio = self.ratio.map(|ratio| format!("{ratio:.2}"));
        let (goal, met) = match (&self.goal, self.ratio) {
            (Some(Goal::Ratio(limit)), got) => (format!("≤ {limit}"), got.map(|got| got <= *limit)),
            (Some(Goal::Most { got, limit, unit }), _) => {
                (format!("≤ {limit} {unit}"), Some(got <= limit))
            }
            (None, _) => ("report".into(), None),
        };
        let met = met.map(|met| if met { "yes" } else { "no" });
        let Self { what, ours, beside, .. } = self;
        let (ratio, met) = (or_dash(ratio), or_dash(met));
        format!("| `{id}` | {what} | {ours} | {beside} | {ratio} | {goal} | {met} |")
    }
}

fn or_dash(cell: Option<impl Display>) -> String {
    cell.map_or_else(|| "–".into(), |cell| cell.to_string())
}

/// A time as people read it.
#[allow(clippy::float_arithmetic)]
pub(crate) fn time(ns: f64) -> String {
    match ns {
        ..1e3 => format!("{ns:.0} ns"),
        ..1e6 => format!("{:.2} µs", ns / 1e3),
        ..1e9 => format!("{:.1} ms", ns / 1e6),
        _ => format!("{:.1} s", ns / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ratio: Option<f64>, goal: Option<Goal>) -> String {
        let row = Row { what: "w", ours: "o".into(), beside: "b".into(), ratio, goal };
        row.line("i")
    }

    #[test]
    fn a_row_says_whether_its_goal_is_met() {
        let most = |got| Some(Goal::Most { got, limit: 4.0, unit: "min" });
        let table = [
            (Some(2.0), Some(Goal::Ratio(2.0)), "| 2.00 | ≤ 2 | yes |"),
            (Some(2.01), Some(Goal::Ratio(2.0)), "| 2.01 | ≤ 2 | no |"),
            (None, Some(Goal::Ratio(2.0)), "| – | ≤ 2 | – |"),
            (None, most(3.9), "| – | ≤ 4 min | yes |"),
            (None, most(4.1), "| – | ≤ 4 min | no |"),
            (None, None, "| – | report | – |"),
        ];
        for (ratio, goal, end) in table {
            assert_eq!(row(ratio, goal), format!("| `i` | w | o | b {end}"));
        }
    }

    #[test]
    fn times_have_their_unit() {
        let shown = [999.0, 1_500.0, 2_500_000.0, 3e9].map(time);
        assert_eq!(shown, ["999 ns", "1.50 µs", "2.5 ms", "3.0 s"]);
    }
}
