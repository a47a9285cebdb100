//! Log segments as files: `log.0000000001` and on.
use super::OpenError;
use super::dir::sync;
use super::frame::{FRAME_HEAD_BYTES, HEAD_BYTES, Salt};
use crate::keep::Kind;
use isonomy_chain::Append;
use isonomy_types::Decode;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Error, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const PREFIX: &str = "log.";
/// Digits of a segment's number, so that names sort as numbers do.
const DIGITS: usize = 10;

/// Where an entry stands.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub(super) segment: u64,
    /// Of its frame, in bytes.
    offset: u64,
    /// In its frame.
    index: usize,
}

/// An entry of the log without its contents.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) spot: Spot,
    pub(super) kind: Kind,
}

fn lines(segment: u64, offset: u64, entries: &[Append]) -> impl Iterator<Item = Line> {
    let places = entries.iter().enumerate();
    places.map(move |(index, entry)| Line {
        spot: Spot { segment, offset, index },
        kind: Kind::of(entry),
    })
}

pub(super) fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(name(number))
}

fn name(number: u64) -> String {
    format!("{PREFIX}{number:0DIGITS$}")
}

/// What an existing segment holds.
pub(super) struct Segment {
    pub(super) number: u64,
    salt: Salt,
    /// Bytes up to the end of the last sound frame.
    end: u64,
    pub(super) lines: Vec<Line>,
}

/// Every segment file of a directory.
pub(super) struct Segments {
    /// In order. Only the last may be torn.
    pub(super) made: Vec<Segment>,
    /// One behind them whose making a crash interrupted: it never held anything.
    pub(super) unmade: Option<u64>,
}

impl Segments {
    /// Reads all segments, and changes nothing.
    pub(super) fn load(dir: &Path) -> Result<Self, OpenError> {
        let mut numbers = Vec::new();
        for file in fs::read_dir(dir).map_err(OpenError::io(dir))? {
            let found = file.map_err(OpenError::io(dir))?.file_name();
            let digits = found.to_str().and_then(|found| found.strip_prefix(PREFIX));
            let number = digits.and_then(|digits| digits.parse().ok());
            numbers.extend(number.filter(|number| *found == *name(*number)));
        }
        numbers.sort_unstable();
        let (last, mut made) = (numbers.last().copied(), Vec::new());
        for number in numbers {
            match Segment::load(dir, number, Some(number) == last)? {
                Some(segment) => made.push(segment),
                None => return Ok(Self { made, unmade: Some(number) }),
            }
        }
        Ok(Self { made, unmade: None })
    }
}

impl Segment {
    fn load(dir: &Path, number: u64, last: bool) -> Result<Option<Self>, OpenError> {
        let path = path(dir, number);
        let bytes = fs::read(&path).map_err(OpenError::io(&path))?;
        let damaged = |offset: usize| OpenError::Corrupt {
            what: format!("{} at byte {offset}", path.display()),
        };
        let Some(salt) = Salt::of(&bytes) else {
            let unmade = last && bytes.len() <= HEAD_BYTES;
            return if unmade { Ok(None) } else { Err(damaged(0)) };
        };
        let (mut offset, mut found) = (HEAD_BYTES, Vec::new());
        while let Some(payload) = bytes.get(offset..).and_then(|rest| salt.payload(rest)) {
            let entries = Vec::decode_exact(payload).map_err(|_| damaged(offset))?;
            found.extend(lines(number, offset as u64, &entries));
            offset = offset.saturating_add(FRAME_HEAD_BYTES).saturating_add(payload.len());
        }
        if let Some((_, rest)) = bytes.get(offset..).and_then(<[u8]>::split_first)
            && (!last || salt.finds_frame(rest))
        {
            return Err(damaged(offset));
        }
        Ok(Some(Self { number, salt, end: offset as u64, lines: found }))
    }
}

/// The segment that grows.
pub(super) struct Writer {
    file: File,
    pub(super) number: u64,
    salt: Salt,
    pub(super) end: u64,
}

impl Writer {
    /// Makes a segment. Durable when this returns.
    pub(super) fn create(dir: &Path, number: u64) -> io::Result<Self> {
        let salt = Salt::draw();
        let path = path(dir, number);
        let mut file = OpenOptions::new().append(true).create_new(true).open(path)?;
        file.write_all(&salt.head())?;
        file.sync_all()?;
        sync(dir)?;
        Ok(Self { file, number, salt, end: HEAD_BYTES as u64 })
    }

    /// Goes on after the last sound frame, and cuts off what a crash tore. The cut is durable
    /// before anything else: else a later segment could make it look like damage.
    pub(super) fn resume(dir: &Path, segment: &Segment) -> io::Result<Self> {
        let Segment { number, salt, end, .. } = *segment;
        let file = OpenOptions::new().append(true).open(path(dir, number))?;
        if file.metadata()?.len() != end {
            file.set_len(end)?;
            file.sync_all()?;
        }
        Ok(Self { file, number, salt, end })
    }

    /// Writes one frame. Durable when this returns.
    pub(super) fn write(&mut self, payload: &[u8], entries: &[Append]) -> io::Result<Vec<Line>> {
        let long = || Error::other("more than 4 GiB to append at once");
        let frame = self.salt.frame(payload).ok_or_else(long)?;
        self.file.write_all(&frame)?;
        self.file.sync_data()?;
        let offset = self.end;
        self.end = offset.saturating_add(frame.len() as u64);
        Ok(lines(self.number, offset, entries).collect())
    }
}

/// Reads entries, a frame at a time. Quick where they come in order.
pub(super) struct Reader<'a> {
    dir: &'a Path,
    frame: Option<(u64, u64)>,
    entries: Vec<Option<Append>>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(dir: &'a Path) -> Self {
        Self { dir, frame: None, entries: Vec::new() }
    }

    /// The entry at a spot. Each can be taken once while its frame is held.
    ///
    /// # Errors
    /// `NotFound` if the segment is gone, `InvalidData` if it is damaged.
    pub(super) fn take(&mut self, spot: Spot) -> io::Result<Append> {
        let frame = (spot.segment, spot.offset);
        if self.frame != Some(frame) {
            self.entries = self.read(spot)?.into_iter().map(Some).collect();
            self.frame = Some(frame);
        }
        let entry = self.entries.get_mut(spot.index).and_then(Option::take);
        entry.ok_or_else(|| self.damaged(spot))
    }

    fn read(&self, spot: Spot) -> io::Result<Vec<Append>> {
        let mut file = File::open(path(self.dir, spot.segment))?;
        let mut head = [0; HEAD_BYTES];
        file.read_exact(&mut head)?;
        let salt = Salt::of(&head).ok_or_else(|| self.damaged(spot))?;
        file.seek(SeekFrom::Start(spot.offset))?;
        let mut frame = vec![0; FRAME_HEAD_BYTES];
        file.read_exact(&mut frame)?;
        let length = salt.length(&frame).ok_or_else(|| self.damaged(spot))?;
        file.take(length as u64).read_to_end(&mut frame)?;
        let payload = salt.payload(&frame).ok_or_else(|| self.damaged(spot))?;
        Vec::decode_exact(payload).map_err(|_| self.damaged(spot))
    }

    fn damaged(&self, spot: Spot) -> Error {
        let path = path(self.dir, spot.segment);
        let what = format!("{} is damaged at byte {}", path.display(), spot.offset);
        Error::new(ErrorKind::InvalidData, what)
    }
}
