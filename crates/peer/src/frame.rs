use crate::{FRAME_BYTES_MAX, Violation};
use alloc::{string::String, vec::Vec};
use core::mem;

/// What becomes of a frame whose head has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Admission {
    Keep,
    Skip,
}

/// Cuts one link's stream into frames. Holds one frame at most, and never more than has come: a
/// claimed length alone makes no room.
pub(crate) struct Frames {
    state: State,
}

enum State {
    /// Four bytes of length and the kind.
    Head {
        bytes: [u8; HEAD],
        got: usize,
    },
    Body {
        frame: Vec<u8>,
        missing: usize,
    },
    Skip {
        missing: usize,
    },
}

const HEAD: usize = 5;
const START: State = State::Head { bytes: [0; HEAD], got: 0 };

impl Frames {
    pub(crate) const fn new() -> Self {
        Self { state: START }
    }

    /// Bytes held for the frame that is coming.
    pub(crate) const fn held(&self) -> usize {
        match &self.state {
            State::Body { frame, .. } => frame.capacity(),
            State::Head { .. } | State::Skip { .. } => 0,
        }
    }

    /// Bytes of the frame that is coming, as far as its length is known; `None` between two frames.
    pub(crate) const fn coming(&self) -> Option<usize> {
        match &self.state {
            State::Head { got: 0, .. } => None,
            State::Head { .. } => Some(0),
            State::Body { frame, missing } => Some(frame.len().saturating_add(*missing)),
            State::Skip { missing } => Some(*missing),
        }
    }

    /// Takes from `input` up to the end of a frame, which is given without its length. `None` when
    /// `input` is used up or a skipped frame has ended. `admit` judges a kind and a length.
    pub(crate) fn read(
        &mut self,
        input: &mut &[u8],
        admit: impl FnOnce(u8, usize) -> Result<Admission, Violation>,
    ) -> Result<Option<Vec<u8>>, Violation> {
        if let State::Head { bytes, got } = &mut self.state {
            let Some((kind, length)) = head(input, bytes, got)? else { return Ok(None) };
            let missing = length.saturating_sub(1);
            self.state = match admit(kind, length)? {
                Admission::Keep => State::Body { frame: Vec::from([kind]), missing },
                Admission::Skip => State::Skip { missing },
            };
        }
        match &mut self.state {
            State::Body { frame, missing } => {
                let part = split(input, *missing);
                *missing = missing.saturating_sub(part.len());
                make_room(frame, part.len(), *missing);
                frame.extend_from_slice(part);
                let whole = (*missing == 0).then(|| mem::take(frame));
                if whole.is_some() {
                    self.state = START;
                }
                Ok(whole)
            }
            State::Skip { missing } => {
                *missing = missing.saturating_sub(split(input, *missing).len());
                if *missing == 0 {
                    self.state = START;
                }
                Ok(None)
            }
            State::Head { .. } => Ok(None),
        }
    }
}

/// The kind and the length, once they are there.
fn head(
    input: &mut &[u8],
    bytes: &mut [u8; HEAD],
    got: &mut usize,
) -> Result<Option<(u8, usize)>, Violation> {
    for (place, byte) in bytes.iter_mut().skip(*got).zip(split(input, HEAD.saturating_sub(*got))) {
        *place = *byte;
        *got = got.saturating_add(1);
    }
    let [a, b, c, d, kind] = *bytes;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if *got >= 4 && length == 0 {
        return Err(Violation::Malformed(String::from("an empty frame")));
    }
    if *got >= 4 && length > FRAME_BYTES_MAX {
        return Err(Violation::FrameTooLong { got: length, limit: FRAME_BYTES_MAX });
    }
    Ok((*got == HEAD).then_some((kind, length)))
}

/// Takes up to `most` bytes off the front.
fn split<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (part, rest) = input.split_at(most.min(input.len()));
    *input = rest;
    part
}

/// Room for `coming` bytes: doubled as it grows, so that copying stays linear, but never beyond
/// the frame's end.
fn make_room(frame: &mut Vec<u8>, coming: usize, later: usize) {
    if frame.capacity().saturating_sub(frame.len()) < coming {
        let ahead = frame.len().min(later);
        frame.reserve_exact(coming.saturating_add(ahead));
    }
}
