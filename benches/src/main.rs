//! Print the project's figures.
#![allow(clippy::print_stdout, clippy::print_stderr)] // It is a command.
mod figures;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Measures this project beside named peers")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prints the table of figures. A ratio is our cost divided by theirs: lower is better.
    Figures {
        /// Figures to measure, by id. [default: all]
        #[arg(long, value_delimiter = ',', value_name = "ID,ID")]
        only: Vec<String>,
    },
}

fn main() -> ExitCode {
    let Command::Figures { only } = Arguments::parse().command;
    match figures::print(&only) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("figures: {why}");
            ExitCode::FAILURE
        }
    }
}
