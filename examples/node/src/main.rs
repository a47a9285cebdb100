//! Run a node, and talk to one. `isonomy help` explains.
#![allow(clippy::print_stdout, clippy::print_stderr)] // A command line speaks.
mod cli;
mod commands;
mod config;
mod exit;
mod limits;

use clap::Parser;
use cli::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.verbose);
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
        Command::Keys { command } => commands::keys(command),
        Command::Genesis(arguments) => commands::genesis(arguments),
        Command::Run(arguments) => commands::run(*arguments).await,
        Command::Send(arguments) => commands::send(arguments).await,
        Command::Status(arguments) => commands::status(arguments).await,
        Command::Rewind(arguments) => commands::rewind(arguments),
        Command::Devnet(arguments) => commands::devnet(arguments).await,
    }
}

/// To standard error, so that standard output stays for programs.
fn log(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("ISONOMY_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
