//! Run a node, and talk to one. `isonomy help` explains.
#![allow(clippy::print_stdout, clippy::print_stderr)] // A command line speaks.
mod cli;
mod commands;
mod config;
mod exit;
mod limits;

use clap::Parser;
use cli::{Cli, Command};
use std::io::IsTerminal;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(failure) = log(cli.verbose) {
        return failure.report();
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return exit::Failure::failed(error).report(),
    };
    let ended = runtime.block_on(run(cli.command));
    // What is left runs no longer than the answer.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

async fn run(command: Command) -> Result<(), exit::Failure> {
    match command {
        Command::Keys { command } => commands::keys(command).await,
        Command::Wallet { command } => commands::wallet(command).await,
        Command::Genesis(arguments) => commands::genesis(arguments),
        Command::Run(arguments) => commands::run(*arguments).await,
        Command::Send(arguments) => commands::send(*arguments).await,
        Command::Asset { command } => commands::asset(command).await,
        Command::Collection { command } => commands::collection(command).await,
        Command::Item { command } => commands::item(command).await,
        Command::Lock { command } => commands::lock(command).await,
        Command::Account(arguments) => commands::account(arguments).await,
        Command::Proof { command } => commands::proof(command).await,
        Command::Exchange { command } => commands::exchange(command).await,
        Command::Status(arguments) => commands::status(arguments).await,
        Command::Rewind(arguments) => commands::rewind(arguments),
        Command::Check(arguments) => commands::check(arguments),
        Command::Devnet(arguments) => commands::devnet(arguments).await,
    }
}

/// To standard error, so that standard output stays for programs.
fn log(verbose: u8) -> Result<(), exit::Failure> {
    let targets = std::env::var("ISONOMY_LOG").unwrap_or_default();
    let filter = EnvFilter::try_new(levels(verbose, &targets)).map_err(|error| {
        let hint = "give it as in info or isonomy_host=debug,isonomy_node=warn";
        exit::Failure::usage(format!("in ISONOMY_LOG: {error}; {hint}"))
    })?;
    let screen = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(screen);
    log.with_writer(std::io::stderr).init();
    Ok(())
}

/// What flags say of everything, and after it, so that it wins, what is said of some targets.
fn levels(verbose: u8, targets: &str) -> String {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    format!("{level},{targets}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_environment_both_count() {
        let read = |verbose, targets| {
            let filter = EnvFilter::try_new(levels(verbose, targets)).unwrap().to_string();
            let mut parts: Vec<_> = filter.split(',').map(str::to_owned).collect();
            parts.sort();
            parts
        };
        assert_eq!(read(0, ""), ["warn"]);
        assert_eq!(read(1, ""), ["info"]);
        assert_eq!(read(1, "isonomy_host=debug"), ["info", "isonomy_host=debug"]);
        assert_eq!(read(0, "trace"), ["trace"]);
    }
}
