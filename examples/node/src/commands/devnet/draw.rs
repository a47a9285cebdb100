//! One frame of the dashboard.
use super::keys::{Chosen, Over};
use super::view::{View, seconds, tenths};
use crate::exit::plain;
use isonomy_devnet::{Block, Latency};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::{Block as Border, Cell, Clear, Paragraph, Row, Sparkline, Table, Wrap};

/// Columns below which the last blocks give way to the nodes.
const WIDE_COLUMNS: u16 = 100;
/// Rows below which the charts give way to what happens.
const TALL_ROWS: u16 = 24;

/// Draws it all. `log` is the end of the selected node's log, if that is shown.
pub(super) fn draw(frame: &mut Frame<'_>, view: &View, chosen: Chosen, log: &str) {
    let area = frame.area();
    let tables =
        u16::try_from(view.snapshot.nodes.len()).unwrap_or(u16::MAX).saturating_add(3).max(8);
    let charts = if area.height >= TALL_ROWS { 6 } else { 0 };
    let rows = [
        Constraint::Length(1),
        Constraint::Max(tables),
        Constraint::Length(charts),
        Constraint::Min(3),
        Constraint::Length(2),
    ];
    let [title, top, middle, story, foot] = Layout::vertical(rows).areas(area);
    frame.render_widget(Line::from(headline(view)).style(Modifier::BOLD), title);
    if area.width >= WIDE_COLUMNS {
        let [left, right] =
            Layout::horizontal([Constraint::Min(60), Constraint::Length(40)]).areas(top);
        nodes(frame, left, view, chosen);
        blocks(frame, right, view);
    } else {
        nodes(frame, top, view, chosen);
    }
    if charts > 0 {
        draw_charts(frame, middle, view);
    }
    tell(frame, story, view);
    frame.render_widget(Paragraph::new(footer(view)), foot);
    match chosen.over {
        Over::Nothing => {}
        Over::Log => {
            let name = view.snapshot.nodes.keys().nth(chosen.node).copied().unwrap_or_default();
            over(
                frame,
                &format!(" log of node {name}, l closes "),
                log.lines().map(plain).collect(),
            );
        }
        Over::Help => over(frame, " help, ? closes ", help(view)),
    }
}

fn headline(view: &View) -> String {
    let mut parts = vec![format!(" Isonomy devnet: {}", view.snapshot.agreement())];
    parts.extend(view.busy.map(Into::into));
    if view.paused {
        parts.push("load paused".into());
    }
    if view.latency != Latency::None {
        parts.push(format!("latency {}", view.latency));
    }
    if view.time_lapse > 1 {
        let interval = seconds(view.interval_ms);
        parts.push(format!("{} times a chain of {interval} s a block", view.time_lapse));
    }
    parts.push(format!("{} transfers sent", view.snapshot.sent));
    parts.join(" | ")
}

fn titled(title: &str) -> Border<'_> {
    Border::bordered().title(title.to_owned())
}

fn nodes(frame: &mut Frame<'_>, area: Rect, view: &View, chosen: Chosen) {
    let head = ["node", "height", "tip", "state", "peers", "waiting", "reorgs", "to the others"];
    let rows = view.snapshot.nodes.iter().enumerate().map(|(place, (number, status))| {
        let mark = if place == chosen.node { ">" } else { " " };
        let name = format!("{mark}{number:>3}");
        let mut cells = match status {
            Some(status) => vec![
                name,
                status.height.to_string(),
                format!("{:?}", status.tip),
                format!("{:?}", status.state_root),
                status.peers.to_string(),
                status.mempool.to_string(),
                status.reorgs.to_string(),
            ],
            None => vec![name, "-".into(), "does not run".into()],
        };
        cells.resize(head.len().saturating_sub(1), String::new());
        cells.push(far(view, *number));
        let style = if place == chosen.node { Modifier::REVERSED } else { Modifier::empty() };
        Row::new(cells.into_iter().map(Cell::from)).style(Style::new().add_modifier(style))
    });
    let widths = [4, 7, 12, 12, 5, 7, 6].map(Constraint::Length);
    let widths = widths.into_iter().chain([Constraint::Fill(1)]);
    let table = Table::new(rows, widths).header(Row::new(head)).block(titled(" nodes "));
    frame.render_widget(table, area);
}

/// Milliseconds to each other node, in their order.
fn far(view: &View, number: usize) -> String {
    let Some(node) = view.nodes.get(&number) else { return String::new() };
    let there = node.one_way_ms.iter().filter(|(other, _)| view.snapshot.nodes.contains_key(other));
    let ms: Vec<String> = there.map(|(_, ms)| ms.to_string()).collect();
    if ms.is_empty() { String::new() } else { format!("{} ms", ms.join(" ")) }
}

fn blocks(frame: &mut Frame<'_>, area: Rect, view: &View) {
    let row = |block: &Block| {
        let by = block.by.map_or_else(|| "-".into(), |node| node.to_string());
        Row::new([
            block.height.to_string(),
            format!("{:?}", block.id),
            block.transactions.to_string(),
            by,
        ])
    };
    let rows = view.blocks.iter().rev().take(usize::from(area.height)).map(row);
    let head = Row::new(["height", "last blocks", "transfers", "by"]);
    let widths = [7, 12, 9, 4].map(Constraint::Length);
    frame.render_widget(Table::new(rows, widths).header(head).block(titled(" blocks ")), area);
}

fn draw_charts(frame: &mut Frame<'_>, area: Rect, view: &View) {
    let halves = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]);
    let [left, right] = halves.areas(area);
    let transactions: Vec<u64> = view.blocks.iter().map(|block| block.transactions).collect();
    let title = format!(" {} transactions a second ", tenths(view.throughput()));
    chart(frame, left, &title, &transactions);
    let intervals = view.intervals_ms();
    let (pace, wanted) = (seconds(view.pace_ms()), seconds(view.wanted_ms()));
    let title = format!(" {pace} s between blocks, {wanted} due ");
    chart(frame, right, &title, &intervals);
}

/// The youngest at the right.
fn chart(frame: &mut Frame<'_>, area: Rect, title: &str, values: &[u64]) {
    let columns = usize::from(area.width.saturating_sub(2));
    let shown = values.get(values.len().saturating_sub(columns)..).unwrap_or_default();
    let line = Sparkline::default().data(shown.iter().copied()).block(titled(title));
    frame.render_widget(line, area);
}

fn tell(frame: &mut Frame<'_>, area: Rect, view: &View) {
    let room = usize::from(area.height.saturating_sub(2));
    let columns = usize::from(area.width.saturating_sub(2)).max(1);
    // The youngest that fit, however many lines each takes.
    let (mut lines, mut used) = (Vec::new(), 0_usize);
    for sentence in view.story.iter().rev() {
        used = used.saturating_add(sentence.chars().count().div_ceil(columns).max(1));
        if used > room && !lines.is_empty() {
            break;
        }
        lines.push(Line::from(sentence.as_str()));
    }
    lines.reverse();
    let text = Paragraph::new(lines).wrap(Wrap { trim: false }).block(titled(" what happens "));
    frame.render_widget(text, area);
}

fn footer(view: &View) -> Vec<Line<'static>> {
    let explorer = view.explorer().unwrap_or_else(|| "-".into());
    let faucet = view.faucet.as_deref().unwrap_or("off");
    vec![
        Line::from(format!(" explorer {explorer}   faucet {faucet}")),
        Line::from(" q quit   p pause load   f faucet   arrows node   l log   ? help"),
    ]
}

fn help(view: &View) -> Vec<String> {
    let mut lines: Vec<String> = [
        "q, Ctrl-C  stop all nodes and leave",
        "p          stop sending transfers, or go on",
        "f          make a new account and have the faucet pay it",
        "arrows     select a node",
        "l          the end of the selected node's log",
        "? or h     this page; Esc closes it",
        "",
        "Watch: one tip and one state for all nodes; after a partition the",
        "side with less work gives way, and no transfer is lost.",
        "",
    ]
    .map(String::from)
    .into();
    let rpc = view.nodes.values().find_map(|node| node.rpc);
    if let (Some(rpc), [one, other, ..]) = (rpc, view.accounts.as_slice()) {
        let (from, to) = (one.key.display(), other.address);
        lines.push(format!("{} pays {}, in another terminal:", one.name, other.name));
        lines.push(format!("isonomy send --rpc {rpc} --key {from} --to {to} --amount 500 --wait"));
    }
    lines.extend(view.accounts.iter().map(|named| format!("{:<6} {}", named.name, named.address)));
    lines
}

/// Covers the dashboard but for its edges, and shows the end of what does not fit.
fn over(frame: &mut Frame<'_>, title: &str, lines: Vec<String>) {
    let area = frame.area();
    let inner = Rect {
        x: area.x.saturating_add(2),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    };
    let room = usize::from(inner.height.saturating_sub(2));
    let columns = usize::from(inner.width.saturating_sub(2)).max(1);
    let (mut shown, mut used) = (Vec::new(), 0_usize);
    for line in lines.into_iter().rev() {
        used = used.saturating_add(line.chars().count().div_ceil(columns).max(1));
        if used > room {
            break;
        }
        shown.push(Line::from(line));
    }
    shown.reverse();
    frame.render_widget(Clear, inner);
    let text = Paragraph::new(shown).wrap(Wrap { trim: false }).block(titled(title));
    frame.render_widget(text, inner);
}
