use super::run::read;
use crate::cli::Check;
use crate::exit::Failure;

pub(crate) fn check(arguments: Check) -> Result<(), Failure> {
    let spec = read(&arguments.genesis)?;
    let found = isonomy::check(&spec, &arguments.dir).map_err(Failure::failed)?;
    let isonomy::Checked { height, pairs } = found;
    println!("the stored state is sound: {pairs} pairs, as the block of height {height} commits");
    Ok(())
}
