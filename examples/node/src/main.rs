//! Run a node, and talk to one. `isonomy help` explains.
#![allow(clippy::print_stdout, clippy::print_stderr)] // A command line speaks.
mod cli;
mod commands;
mod config;
mod exit;
mod limits;
mod log;

use clap::Parser;
use cli::{Cli, Command};
use log::Log;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let log = match Log::start(cli.verbose, cli.log_format) {
        Ok(log) => log,
        Err(failure) => return failure.report(),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return exit::Failure::failed(error).report(),
    };
    let ended = runtime.block_on(run(cli, &log));
    // What is left runs no longer than the answer.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

async fn run(cli: Cli, log: &Log) -> Result<(), exit::Failure> {
    match cli.command {
        Command::Keys { command } => commands::keys(command).await,
        Command::Wallet { command } => commands::wallet(command).await,
        Command::Genesis(arguments) => commands::genesis(arguments),
        Command::Run(arguments) => commands::run(*arguments, log).await,
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
        Command::Doctor(arguments) => commands::doctor(arguments).await,
        Command::Completions(arguments) => commands::completions(arguments),
        Command::Man(arguments) => commands::man(arguments),
        Command::Devnet(arguments) => commands::devnet(*arguments, cli.verbose > 0).await,
    }
}
