use crate::cli::{Devnet, INTERVAL_MS, LAPSE_INTERVAL_MS};
use crate::commands::genesis::now_ms;
use crate::exit::Failure;
use isonomy_devnet::{Chaos, Scenario, Settings};

/// What the command line asks for, and after how many blocks to judge.
pub(super) fn read(arguments: &Devnet) -> Result<(Settings, Option<u64>), Failure> {
    let program = std::env::current_exe().map_err(Failure::failed)?;
    let settings = Settings {
        dir: arguments.dir.clone(),
        faucet: !arguments.no_faucet,
        ..Settings::new(program)
    };
    if let Some(file) = &arguments.scenario {
        let wrong = |error| Failure::usage(format!("{}: {error}", file.display()));
        let scenario = Scenario::open(file).map_err(wrong)?;
        // It ends with its last step.
        let blocks = arguments.blocks.unwrap_or(1);
        return Ok((scenario.again(settings), Some(blocks)));
    }
    let lapse = arguments.time_lapse > 1;
    let usual = if lapse { LAPSE_INTERVAL_MS } else { INTERVAL_MS };
    let drawn = if arguments.chaos { now_ms() } else { 0 };
    let settings = Settings {
        nodes: arguments.nodes,
        rate: arguments.rate,
        hash_rate: arguments.hash_rate,
        interval_ms: arguments.interval_ms.unwrap_or(usual),
        time_lapse: arguments.time_lapse,
        latency: arguments.latency,
        seed: arguments.seed.unwrap_or(drawn),
        chaos: if arguments.chaos { Chaos::Drawn } else { Chaos::None },
        record: arguments.record.clone(),
        ..settings
    };
    Ok((settings, arguments.blocks))
}
