//! Writes the samples of every target where `cargo fuzz` begins: `fuzz/corpus/NAME`.
#![allow(clippy::print_stdout)] // A program speaks.
use isonomy_fuzz::TARGETS;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("corpus");
    for target in TARGETS {
        let folder = corpus.join(target.name);
        std::fs::create_dir_all(&folder)?;
        for (number, sample) in (target.samples)().iter().enumerate() {
            std::fs::write(folder.join(format!("sample-{number:02}")), sample)?;
        }
        println!("{}", folder.display());
    }
    Ok(())
}
