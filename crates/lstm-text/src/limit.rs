//! How much is read from one input: an input may have no end, and a small packed file may unpack to
//! something huge.

use crate::{TextError, counted};
use std::fmt;
use std::io::{self, BufRead, Read};
use std::str::FromStr;

/// A number of bytes. It is read from `500`, `64K`, `500M`, `8G` or `2T`, in units of 1024.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

const UNITS: [(char, u64); 4] = [
    ('T', 1 << 40),
    ('G', 1 << 30),
    ('M', 1 << 20),
    ('K', 1 << 10),
];

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = *self;
        let fits = |&&(_, size): &&(char, u64)| bytes >= size && bytes.is_multiple_of(size);
        match UNITS.iter().find(fits) {
            Some((unit, size)) => write!(f, "{} {unit}iB", bytes / size),
            None => write!(
                f,
                "{}",
                counted(usize::try_from(bytes).unwrap_or(usize::MAX), "byte")
            ),
        }
    }
}

impl FromStr for ByteSize {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "expected a number of bytes above 0, such as 500M or 8G";
        let unit = |&(unit, size): &(char, u64)| {
            let number = text.strip_suffix([unit, unit.to_ascii_lowercase()])?;
            Some((number, size))
        };
        let (number, size) = UNITS.iter().find_map(unit).unwrap_or((text, 1));
        let bytes = number.parse::<u64>().ok().and_then(|n| n.checked_mul(size));
        bytes.filter(|&n| n > 0).map(Self).ok_or(expected)
    }
}

/// The most that is read from one input.
///
/// A file of known size may be larger than an input without one: a pipe, a device, standard input, or what a
/// packed file unpacks to. A row of a data file, or a line of standard input, is one example of a model and
/// may only be short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputLimit {
    /// The most bytes of a regular file.
    pub file: u64,
    /// The most bytes of an input of unknown size.
    pub stream: u64,
    /// The most bytes of a row.
    pub line: u64,
    /// A packed file of known size may unpack to this many times its size if that is more than `stream`.
    pub ratio: u64,
    /// The most bytes of a data file if each row counts for 16 bytes more.
    pub with_rows: u64,
}

/// A row takes memory in addition to its text: on average 16 times as much as so many bytes of text.
const ROW: u64 = 16;

impl Default for InputLimit {
    /// 1 GiB for a file, 256 MiB or 100 times the packed size for an input of unknown size, and 1 MiB for a
    /// row. Text rarely packs better than 20 to 1.
    fn default() -> Self {
        Self {
            file: 1 << 30,
            stream: 256 << 20,
            line: 1 << 20,
            ratio: 100,
            with_rows: u64::MAX,
        }
    }
}

impl InputLimit {
    /// The same limit for everything.
    #[must_use]
    pub fn of(ByteSize(bytes): ByteSize) -> Self {
        Self {
            file: bytes,
            stream: bytes,
            line: bytes,
            ratio: 0,
            with_rows: u64::MAX,
        }
    }

    /// The default if `available` bytes of memory are free. An input may have a sixteenth of them, because a
    /// text, its copies and its ids take up to twelve times its size.
    #[must_use]
    pub fn for_memory(available: u64) -> Self {
        // Whole MiB are easier to read in a message.
        let most = (available >> 24 << 20).max(1 << 20);
        let usual = Self::default();
        Self {
            file: usual.file.min(most),
            stream: usual.stream.min(most),
            with_rows: most,
            ..usual
        }
    }

    /// The most bytes that a packed file may unpack to; `packed` is its size, if that is known.
    #[must_use]
    pub fn unpacked(&self, packed: Option<u64>) -> u64 {
        let by_ratio = packed.unwrap_or(0).saturating_mul(self.ratio);
        self.stream.max(by_ratio.min(self.file))
    }

    /// Checks the length of every row of a data file, and their number.
    ///
    /// # Errors
    /// [`TextError::LongLine`] for the first row that is too long, [`TextError::TooLarge`] for too many.
    pub fn check_rows(&self, name: &str, text: &str) -> Result<(), TextError> {
        let mut rows = 0;
        for line in text.lines() {
            rows += 1;
            if line.len() as u64 > self.line {
                return Err(self.long_line(name, rows));
            }
        }
        if text.len() as u64 + ROW * rows as u64 <= self.with_rows {
            return Ok(());
        }
        Err(TextError::TooLarge {
            name: name.to_owned(),
            comparison: "has so many rows that it counts for more than",
            limit: ByteSize(self.with_rows),
        })
    }

    /// The next line of an input, without its end; `None` at the end of the input. `number` is that of the
    /// line, for the message.
    ///
    /// # Errors
    /// [`TextError::LongLine`], after no more than a longest line was read.
    pub fn next_line(
        &self,
        name: &str,
        number: usize,
        input: &mut impl BufRead,
    ) -> Result<Option<Vec<u8>>, TextError> {
        let mut line = Vec::new();
        // A line end is at most two bytes.
        let mut input = input.take(self.line.saturating_add(2));
        let read = input.read_until(b'\n', &mut line);
        read.map_err(|error| TextError::io(name, &error))?;
        if line.is_empty() {
            return Ok(None);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
            line.pop_if(|end| *end == b'\r');
        }
        if line.len() as u64 > self.line {
            return Err(self.long_line(name, number));
        }
        Ok(Some(line))
    }

    fn long_line(&self, name: &str, line: usize) -> TextError {
        TextError::LongLine {
            name: name.to_owned(),
            line,
            limit: ByteSize(self.line),
        }
    }
}

/// All bytes of an input; `None` if there are more than `most`. No more than that is read.
///
/// # Errors
/// The errors of the input.
pub fn read_at_most(input: impl Read, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    input.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_the_units_of_1024_and_shown_with_them() {
        for (text, bytes, shown) in [
            ("1", 1, "1 byte"),
            ("1500", 1500, "1500 bytes"),
            ("64K", 64 << 10, "64 KiB"),
            ("500m", 500 << 20, "500 MiB"),
            ("1G", 1 << 30, "1 GiB"),
            ("3T", 3 << 40, "3 TiB"),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
            assert_eq!(ByteSize(bytes).to_string(), shown);
        }
        for text in [
            "",
            "0",
            "0G",
            "-1",
            "1.5G",
            "G",
            "8 G",
            "20000000000T",
            "1e9",
            "9Ü",
        ] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_packed_file_may_unpack_to_a_hundred_times_its_size_but_not_to_more_than_a_file() {
        let limit = InputLimit::default();
        assert_eq!(limit.unpacked(None), 256 << 20);
        assert_eq!(limit.unpacked(Some(700_000)), 256 << 20);
        assert_eq!(limit.unpacked(Some(5_000_000)), 500_000_000);
        assert_eq!(limit.unpacked(Some(1 << 30)), 1 << 30);
        assert_eq!(InputLimit::of(ByteSize(50)).unpacked(Some(1 << 20)), 50);
    }

    #[test]
    fn on_a_small_machine_the_limits_are_a_sixteenth_of_the_memory() {
        let (large, usual) = (InputLimit::for_memory(1 << 40), InputLimit::default());
        assert_eq!((large.file, large.stream), (usual.file, usual.stream));
        let small = InputLimit::for_memory(1 << 30);
        assert_eq!((small.file, small.stream), (64 << 20, 64 << 20));
        assert_eq!(small.with_rows, 64 << 20);
        assert_eq!(small.unpacked(Some(1 << 30)), 64 << 20);
        assert_eq!(InputLimit::for_memory(0).file, 1 << 20);
    }

    #[test]
    fn short_rows_count_for_more_than_their_text() {
        let limit = InputLimit {
            with_rows: 1700,
            ..InputLimit::default()
        };
        assert_eq!(limit.check_rows("f", &"x".repeat(1684)), Ok(()));
        assert_eq!(limit.check_rows("f", &"\n".repeat(100)), Ok(()));
        let error = limit.check_rows("f", &"\n".repeat(101)).unwrap_err();
        assert!(matches!(error, TextError::TooLarge { .. }), "{error}");
    }

    #[test]
    fn no_more_is_read_than_the_limit_and_one_byte() {
        let mut endless = io::repeat(b'a').take(1 << 40);
        assert_eq!(read_at_most(&mut endless, 1000).unwrap(), None);
        assert_eq!(endless.limit(), (1 << 40) - 1001);
        assert_eq!(read_at_most(&b"abc"[..], 3).unwrap().unwrap(), b"abc");
        assert_eq!(read_at_most(&b"abc"[..], 2).unwrap(), None);
    }

    #[test]
    fn lines_are_read_one_by_one_and_a_long_one_is_refused() {
        let limit = InputLimit::of(ByteSize(4));
        let mut input = &b"abcd\r\n\nabcd\nabcde\nx"[..];
        let mut next = |number| limit.next_line("f", number, &mut input);
        for expected in [&b"abcd"[..], b"", b"abcd"] {
            assert_eq!(next(1).unwrap().unwrap(), expected);
        }
        let message = next(4).unwrap_err().to_string();
        let expected = "line 4 of f is longer than 4 bytes, the limit; if you trust it, raise the limit \
                        with --max-input";
        assert!(message.starts_with(expected), "{message}");
        let mut last = &b"x"[..];
        assert_eq!(limit.next_line("f", 1, &mut last).unwrap().unwrap(), b"x");
        assert_eq!(limit.next_line("f", 2, &mut last).unwrap(), None);
        assert_eq!(limit.check_rows("f", "abcd\r\nabcd"), Ok(()));
        let error = limit.check_rows("f", "a\nabcde").unwrap_err();
        assert!(matches!(error, TextError::LongLine { line: 2, .. }));
    }
}
