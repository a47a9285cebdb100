//! Files for shells and for `man`, made from the command line's own definition.
use crate::cli::{Cli, Completions, Man};
use crate::exit::Failure;
use clap::CommandFactory;
use std::io::Write;

const NAME: &str = "isonomy";

pub(crate) fn completions(Completions { shell }: Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script);
    print(&script)
}

pub(crate) fn man(Man { out }: Man) -> Result<(), Failure> {
    let Some(dir) = out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(Failure::failed)?;
        return print(&page);
    };
    let written =
        std::fs::create_dir_all(&dir).and_then(|()| clap_mangen::generate_to(Cli::command(), &dir));
    written.map_err(|error| {
        let place = dir.display();
        Failure::failed(format!("cannot write to {place}: {error}; choose another directory"))
    })
}

/// A reader that has enough and leaves, like `head`, is no fault.
fn print(bytes: &[u8]) -> Result<(), Failure> {
    match std::io::stdout().write_all(bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::failed(error)),
        _ => Ok(()),
    }
}
