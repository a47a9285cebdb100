//! Measure the state tree, beside jmt where there is a comparison, and print it as JSON.
mod alone;
mod beside;
mod memory;
mod pairs;
mod peer;

fn main() -> anyhow::Result<()> {
    let line = match std::env::args().nth(1).as_deref() {
        Some("beside") => beside::measure()?,
        Some("scaling") => alone::scaling(),
        Some("memory") => alone::memory(),
        got => anyhow::bail!("got {got:?}, want beside, scaling or memory"),
    };
    println!("{line}");
    Ok(())
}
