//! What is logged, and how: to standard error, so that standard output stays for programs.
use crate::exit::Failure;
use clap::ValueEnum;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// What people or programs read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// The section `[log]` of the configuration file: a level for each target, and one for `default`.
#[derive(Deserialize, Default, Clone, PartialEq, Eq, Debug)]
#[serde(transparent)]
pub(crate) struct LogFile(BTreeMap<Target, Level>);

/// Where a line comes from: a crate, or a module of one.
#[derive(Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(try_from = "String")]
struct Target(String);

impl TryFrom<String> for Target {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
        if !text.is_empty() && text.chars().all(fits) {
            return Ok(Self(text));
        }
        Err(format!("{text:?} is no target: give default, or a crate's name as in isonomy_host"))
    }
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
enum Level {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        })
    }
}

impl Display for LogFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said: Vec<String> =
            self.0.iter().map(|(Target(target), level)| format!("{target} = {level}")).collect();
        f.write_str(if said.is_empty() { "nothing" } else { "" })?;
        f.write_str(&said.join(", "))
    }
}

/// The running log.
pub(crate) struct Log {
    verbose: u8,
    targets: String,
    replace: Box<dyn Fn(EnvFilter) -> Result<(), String> + Send + Sync>,
}

impl Log {
    /// Begins to log. `verbose` counts how often the flag was given; the environment variable
    /// `ISONOMY_LOG` wins over all else.
    pub(crate) fn start(verbose: u8, format: LogFormat) -> Result<Self, Failure> {
        let targets = std::env::var("ISONOMY_LOG").unwrap_or_default();
        let first = EnvFilter::try_new(levels(verbose, &LogFile::default(), &targets));
        let first = first.map_err(|error| {
            let hint = "give it as in info or isonomy_host=debug,isonomy_node=warn";
            Failure::usage(format!("in ISONOMY_LOG: {error}; {hint}"))
        })?;
        let screen = std::io::stderr().is_terminal();
        let log = tracing_subscriber::fmt().with_env_filter(first).with_ansi(screen);
        let log = log.with_writer(std::io::stderr);
        // Two types that differ in what they print.
        macro_rules! begin {
            ($log:expr) => {{
                let log = $log.with_filter_reloading();
                let handle = log.reload_handle();
                log.init();
                Box::new(move |filter| handle.reload(filter).map_err(|error| error.to_string()))
            }};
        }
        let replace: Box<dyn Fn(EnvFilter) -> Result<(), String> + Send + Sync> = match format {
            LogFormat::Text => begin!(log),
            LogFormat::Json => begin!(log.json()),
        };
        Ok(Self { verbose, targets, replace })
    }

    /// Logs what the file says from now on.
    pub(crate) fn apply(&self, file: &LogFile) -> Result<(), Failure> {
        let filter = EnvFilter::try_new(levels(self.verbose, file, &self.targets));
        (self.replace)(filter.map_err(Failure::failed)?).map_err(Failure::failed)
    }
}

/// What answers to the owner's own wishes is logged whatever the levels.
pub(crate) const OWNER: &str = "isonomy::owner";

/// What the file says of everything unless a flag does, and after it, so that it wins, what is said of
/// some targets: by the file, then by the environment.
fn levels(verbose: u8, LogFile(file): &LogFile, targets: &str) -> String {
    let default = || file.get(&Target("default".into())).copied().unwrap_or(Level::Warn);
    let level = match verbose {
        0 => default(),
        1 => Level::Info,
        _ => Level::Debug,
    };
    let others = file.iter().filter(|(Target(target), _)| target != "default");
    let others: String =
        others.map(|(Target(target), level)| format!("{target}={level},")).collect();
    format!("{level},{OWNER}=info,{others}{targets}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> LogFile {
        toml::from_str(text).unwrap()
    }

    fn read(verbose: u8, log: &LogFile, targets: &str) -> Vec<String> {
        let filter = EnvFilter::try_new(levels(verbose, log, targets)).unwrap().to_string();
        let mut parts: Vec<_> = filter.split(',').map(str::to_owned).collect();
        parts.retain(|part| !part.starts_with(OWNER));
        parts.sort();
        parts
    }

    #[test]
    fn flags_file_and_environment_all_count() {
        let none = LogFile::default();
        assert_eq!(read(0, &none, ""), ["warn"]);
        assert_eq!(read(1, &none, ""), ["info"]);
        assert_eq!(read(1, &none, "isonomy_host=debug"), ["info", "isonomy_host=debug"]);
        assert_eq!(read(0, &none, "trace"), ["trace"]);
        let some = file("default = \"error\"\nisonomy_host = \"debug\"\n");
        assert_eq!(read(0, &some, ""), ["error", "isonomy_host=debug"]);
        assert_eq!(read(2, &some, ""), ["debug", "isonomy_host=debug"], "a flag wins");
        assert_eq!(read(0, &some, "isonomy_host=off"), ["error", "isonomy_host=off"]);
    }

    #[test]
    fn the_owner_is_answered_at_any_level() {
        for log in [LogFile::default(), file("default = \"off\"")] {
            let filter = EnvFilter::try_new(levels(0, &log, "")).unwrap().to_string();
            assert!(filter.split(',').any(|part| part == "isonomy::owner=info"), "{filter}");
        }
    }

    #[test]
    fn what_is_no_level_or_no_target_is_refused_by_its_line() {
        for (text, words) in [
            ("\nisonomy_host = \"loud\"", "loud"),
            ("\n\"a=b,c\" = \"warn\"", "no target"),
            ("\n\"\" = \"warn\"", "no target"),
            ("\nisonomy_host = 3", "isonomy_host"),
        ] {
            let error = toml::from_str::<LogFile>(text).unwrap_err().to_string();
            assert!(error.contains("line 2") && error.contains(words), "{error}");
        }
    }
}
