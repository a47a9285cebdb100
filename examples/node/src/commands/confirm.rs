use crate::exit::Failure;
use std::io::{IsTerminal, Write};

/// Shows what is about to happen, and asks whether it shall.
pub(crate) fn confirm(deed: &str, question: &str) -> Result<(), Failure> {
    eprintln!("{deed}");
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(
            "nobody is there to confirm; add --yes to go on without asking",
        ));
    }
    eprint!("{question} [y/N] ");
    std::io::stderr().flush().map_err(Failure::failed)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(Failure::failed)?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure::failed("not confirmed; nothing is done")),
    }
}
