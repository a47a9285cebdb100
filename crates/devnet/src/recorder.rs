//! Writes down what is done to a network, as it is done.
use crate::place::io;
use crate::{DevnetError, Recorded, Scenario, Settings, Step};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A scenario file that grows by a step at a time: however the run ends, what was done stands there.
pub(crate) struct Recorder {
    path: PathBuf,
    file: File,
    /// Of the last step.
    at_ms: u64,
}

impl Recorder {
    pub(crate) fn create(path: &Path, settings: &Settings) -> Result<Self, DevnetError> {
        let file = File::create_new(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => DevnetError::Recorded { path: path.into() },
            _ => io(path)(source),
        })?;
        let mut recorder = Self { path: path.into(), file, at_ms: 0 };
        recorder.write(&Scenario::of(settings).to_string())?;
        Ok(recorder)
    }

    pub(crate) fn step(&mut self, step: &Step, height: u64) -> Result<(), DevnetError> {
        self.at_ms = self.at_ms.saturating_add(step.after_ms);
        let recorded = Recorded { at_ms: self.at_ms, height, act: step.act.clone() };
        self.write(&recorded.to_string())
    }

    fn write(&mut self, text: &str) -> Result<(), DevnetError> {
        self.file.write_all(text.as_bytes()).map_err(io(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chaos, Latency, Schedule};

    #[test]
    fn what_is_recorded_is_read_as_the_same_schedule() {
        let dir = tempfile::tempdir().unwrap();
        for (seed, nodes) in [(7, 3), (8, 4), (9, 15)] {
            let path = dir.path().join(format!("{seed}.toml"));
            let latency = Latency::World;
            let settings =
                Settings { seed, nodes, latency, time_lapse: 2, ..Settings::new("x".into()) };
            let steps: Vec<Step> = Schedule::new(seed, nodes).take(50).collect();
            let mut recorder = Recorder::create(&path, &settings).unwrap();
            for (height, step) in (0..).zip(&steps) {
                recorder.step(step, height).unwrap();
            }
            let scenario = Scenario::open(&path).unwrap();
            assert_eq!(scenario.steps(), steps);
            assert_eq!(scenario.to_string(), std::fs::read_to_string(&path).unwrap());
            let again = scenario.again(Settings::new("x".into()));
            assert_eq!(again, Settings { chaos: Chaos::Steps(steps), ..settings });
        }
    }

    #[test]
    fn no_file_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("taken.toml");
        std::fs::write(&path, "mine").unwrap();
        let settings = Settings::new("x".into());
        let refused = Recorder::create(&path, &settings).err().unwrap().to_string();
        assert!(refused.contains("taken.toml") && refused.contains("another"), "{refused}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        let nowhere = dir.path().join("no").join("such.toml");
        assert!(Recorder::create(&nowhere, &settings).is_err());
    }
}
