//! Update a large state on disk beside nomt, and print both costs as JSON.
//!
//! Our side is a process of its own, which is killed after its last acknowledged block; what it
//! kept is then recovered and must come to the same root. Both sides run on one core, in turns.
mod block;
mod load;
mod measure;
mod ours;
mod peer;

use anyhow::Context;
use block::World;
use load::{FILLING, batch};
use measure::Spent;
use ours::{Ours, Steps};
use peer::Peer;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Write, stdin};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Blocks that are measured …
const BLOCKS: u64 = 100;
/// … and how many of them at a time, before the other side's turn.
const TURN: u64 = 20;

/// How a node flushes.
#[derive(Clone, Copy)]
pub(crate) struct Args {
    /// How deep under the best block the stored state lies at least.
    base_depth: u64,
    /// Blocks between two flushes.
    flush_blocks: u64,
}

/// What our process says after each turn.
#[derive(Serialize, Deserialize)]
struct Said {
    steps: Steps,
    best: (u64, [u8; 32]),
}

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| anyhow::Ok(args.get(at).context("DEPTH BLOCKS [DIR]")?.parse()?);
    let flushing = Args { base_depth: number(0)?, flush_blocks: number(1)? };
    match args.get(2) {
        Some(dir) => serve(Path::new(dir), flushing),
        None => compare(flushing),
    }
}

/// Takes in as many blocks as each line says, and answers.
fn serve(dir: &Path, args: Args) -> anyhow::Result<()> {
    let (mut ours, _) = Ours::open(World::new()?, dir, args)?;
    for line in stdin().lock().lines() {
        let steps = ours.blocks(line?.parse()?)?;
        let (height, root) = ours.best()?;
        let said = Said { steps, best: (height, *root.as_bytes()) };
        println!("{}", serde_json::to_string(&said)?);
    }
    Ok(())
}

struct Served {
    child: Child,
    answers: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Served {
    fn start(dir: &Path, args: Args) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([args.base_depth.to_string(), args.flush_blocks.to_string()]).arg(dir);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let answers = BufReader::new(child.stdout.take().context("no answers")?).lines();
        Ok(Self { child, answers })
    }

    fn blocks(&mut self, count: u64) -> anyhow::Result<Said> {
        writeln!(self.child.stdin.as_mut().context("no input")?, "{count}")?;
        let line = self.answers.next().context("our process ended")??;
        Ok(serde_json::from_str(&line)?)
    }

    /// By SIGKILL.
    fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

fn compare(args: Args) -> anyhow::Result<()> {
    one_core()?;
    let parent = tempfile::tempdir()?;
    let (dir, theirs): (PathBuf, _) = (parent.path().join("ours"), parent.path().join("theirs"));
    let mut served = Served::start(&dir, args)?;
    // The first flushes take in the filling; after that each is like the next.
    let mut height = FILLING + args.base_depth + args.flush_blocks;
    served.blocks(height)?;
    let peer = Peer::open(&theirs)?;
    (1..=height).try_for_each(|height| peer.commit(batch(height)))?;
    let (mut steps, mut beside, mut best) = (Vec::new(), Spent::default(), None);
    for _ in 0..BLOCKS / TURN {
        let said = served.blocks(TURN)?;
        steps.push(said.steps);
        best = Some(said.best);
        for _ in 0..TURN {
            height += 1;
            let pairs = batch(height);
            beside.of(|| peer.commit(pairs))?;
        }
    }
    served.kill()?;
    drop(peer);
    let (ours, recovery) = Ours::open(World::new()?, &dir, args)?;
    let (height, root) = ours.best()?;
    anyhow::ensure!(best == Some((height, *root.as_bytes())), "what was acknowledged is lost");
    report(&steps, beside, recovery)
}

/// For this process and those it starts.
fn one_core() -> anyhow::Result<()> {
    let allowed = sched_getaffinity(None)?;
    let first = (0..CpuSet::MAX_CPU).find(|cpu| allowed.is_set(*cpu)).context("no core")?;
    let mut one = CpuSet::new();
    one.set(first);
    Ok(sched_setaffinity(None, &one)?)
}

fn report(steps: &[Steps], beside: Spent, recovery: [Spent; 3]) -> anyhow::Result<()> {
    let sum = |step: fn(&Steps) -> Spent| {
        let mut sum = Spent::default();
        steps.iter().for_each(|steps| sum += step(steps));
        sum
    };
    let step = |step| a_block(sum(step));
    let (check, execute) = (step(|s| s.check), step(|s| s.execute));
    let (append, flush) = (step(|s| s.append), step(|s| s.flush));
    let total =
        |at: usize| [check, execute, append, flush].iter().map(|step| step[at]).sum::<f64>();
    let [opened, recovered, executed] = recovery.map(|spent| [spent.wall as f64, spent.cpu as f64]);
    let beside = a_block(beside);
    let line = serde_json::json!({
        "ours_ns": total(0),
        "beside_ns": beside[0],
        "ours_cpu_ns": total(1),
        "beside_cpu_ns": beside[1],
        "wall_and_cpu_ns": {
            "check": check, "execute": execute, "append": append, "flush": flush,
        },
        "recovery_ns": opened[0] + recovered[0] + executed[0],
        "recovery_wall_and_cpu_ns": {
            "open": opened, "recover": recovered, "execute": executed,
        },
    });
    println!("{line}");
    Ok(())
}

/// On the wall's clock, and of all threads.
fn a_block(spent: Spent) -> [f64; 2] {
    [spent.wall as f64 / BLOCKS as f64, spent.cpu as f64 / BLOCKS as f64]
}
