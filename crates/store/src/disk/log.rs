//! The log: segments, and what in them is still of use.
use super::OpenError;
use super::segment::{Line, Reader, Segment, Segments, Writer, path};
use super::tables::Head;
use crate::keep::Above;
use isonomy_chain::Append;
use isonomy_types::Encode;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Bytes after which a segment gets a successor, so that opening reads no more than this at once
/// and pruning frees the disk in steps. A single call of append may exceed it.
const SEGMENT_BYTES_MAX: u64 = 16 * 1024 * 1024;

pub(super) struct Log {
    dir: PathBuf,
    writer: Writer,
    /// The oldest segment there is.
    first: u64,
    /// What was appended and is above the stored tip, oldest first.
    lines: Vec<Line>,
}

impl Log {
    /// Begins the log of a new directory. What a crash left of an earlier attempt goes.
    pub(super) fn create(dir: &Path) -> Result<(), OpenError> {
        let left = Segments::load(dir)?;
        if left.made.iter().any(|segment| segment.number > 1 || !segment.lines.is_empty()) {
            let what = format!("{} holds a log, but the state is missing", dir.display());
            return Err(OpenError::Corrupt { what });
        }
        for number in left.made.iter().map(|segment| segment.number).chain(left.unmade) {
            let path = path(dir, number);
            fs::remove_file(&path).map_err(OpenError::io(&path))?;
        }
        Writer::create(dir, 1).map_err(OpenError::io(dir))?;
        Ok(())
    }

    /// Takes the segments up where `head` says, and cleans up after a crash.
    pub(super) fn open(dir: &Path, found: &Segments, head: &Head) -> Result<Self, OpenError> {
        let (old, live, last) = Self::check(dir, found, head)?;
        let writer = Writer::resume(dir, last).map_err(OpenError::io(&path(dir, last.number)))?;
        for number in old.iter().map(|segment| segment.number).chain(found.unmade) {
            let path = path(dir, number);
            fs::remove_file(&path).map_err(OpenError::io(&path))?;
        }
        let mut above = Above::new(head.tip.header.height);
        let lines = live.iter().flat_map(|segment| &segment.lines).copied();
        let lines = lines.filter(|line| above.keeps(&line.kind) || line.spot.segment >= head.mark);
        Ok(Self { dir: dir.into(), first: head.first, lines: lines.collect(), writer })
    }

    /// The segments that are of no more use, those that are, and the last of these: all that
    /// should be there. Changes nothing.
    pub(super) fn check<'a>(
        dir: &Path,
        found: &'a Segments,
        head: &Head,
    ) -> Result<(&'a [Segment], &'a [Segment], &'a Segment), OpenError> {
        let live = found.made.iter().position(|segment| segment.number >= head.first);
        let (old, live) = found.made.split_at(live.unwrap_or(found.made.len()));
        let number = live.last().map_or(head.mark, |last| last.number.max(head.mark));
        let mut numbers = live.iter().map(|segment| segment.number);
        let missing = (head.first..=number).find(|number| numbers.next() != Some(*number));
        match (missing, live.last()) {
            (None, Some(last)) => Ok((old, live, last)),
            (missing, _) => {
                let path = path(dir, missing.unwrap_or(head.mark));
                let what = format!("{} is missing or lost its beginning", path.display());
                Err(OpenError::Corrupt { what })
            }
        }
    }

    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Durable when this returns. Answers with what was appended.
    pub(super) fn append(&mut self, entries: &[Append]) -> io::Result<&[Line]> {
        if self.writer.end >= SEGMENT_BYTES_MAX {
            self.rotate()?;
        }
        let before = self.lines.len();
        let mut lines = self.writer.write(&entries.encode(), entries)?;
        self.lines.append(&mut lines);
        Ok(self.lines.get(before..).unwrap_or_default())
    }

    /// Begins a segment, and says which.
    pub(super) fn rotate(&mut self) -> io::Result<u64> {
        let number = self.writer.number.saturating_add(1);
        self.writer = Writer::create(&self.dir, number)?;
        Ok(number)
    }

    /// What stays and what goes once a block of this height is flushed.
    pub(super) fn split(&self, height: u64) -> (Vec<Line>, Vec<Line>) {
        let mut above = Above::new(height);
        self.lines.iter().copied().partition(|line| above.keeps(&line.kind))
    }

    /// Keeps these lines alone, and frees the segments before `first`. One that cannot be removed
    /// now is removed when the directory is opened again.
    pub(super) fn prune(&mut self, lines: Vec<Line>, first: u64) {
        for number in self.first..first {
            let _ = fs::remove_file(path(&self.dir, number));
        }
        (self.lines, self.first) = (lines, first);
    }

    /// The contents of the log, oldest first.
    pub(super) fn entries(&self) -> io::Result<Vec<Append>> {
        let mut reader = Reader::new(&self.dir);
        self.lines.iter().map(|line| reader.take(line.spot)).collect()
    }
}
