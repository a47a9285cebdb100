use super::confirm::confirm;
use super::progress::waiting;
use super::run::read;
use crate::cli::Rewind;
use crate::exit::Failure;

pub(crate) fn rewind(arguments: Rewind) -> Result<(), Failure> {
    let Rewind { genesis, dir, to, yes } = arguments;
    let spec = read(&genesis)?;
    let stored = waiting("opening", || isonomy::stored_height(&spec, &dir));
    let height = stored.map_err(Failure::failed)?;
    if height <= to {
        println!("the stored state is at height {height} already; nothing is done");
        return Ok(());
    }
    if !yes {
        let deed = format!(
            "The state in {} is at height {height}. Taken back to {to} or a few blocks less, all \
             above must be fetched from peers again; what no peer has is lost.",
            dir.display()
        );
        confirm(&deed, "Rewind?")?;
    }
    let rewound = waiting("rewinding", || isonomy::rewind(&spec, &dir, to));
    let height = rewound.map_err(Failure::failed)?;
    println!("the stored state is at height {height}; start the node again with `isonomy run`");
    Ok(())
}
