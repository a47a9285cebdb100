use super::progress::Bar;
use super::run::read;
use crate::cli::Check;
use crate::exit::Failure;

pub(crate) fn check(arguments: Check) -> Result<(), Failure> {
    let spec = read(&arguments.genesis)?;
    let bar = Bar::new("keys");
    let found = isonomy::check(&spec, &arguments.dir, |done, all| bar.set(done, all));
    drop(bar);
    let isonomy::Checked { height, pairs } = found.map_err(Failure::failed)?;
    println!("the stored state is sound: {pairs} pairs, as the block of height {height} commits");
    Ok(())
}
