//! Damaged and hostile files: no reader panics or uses more memory than a small multiple of the file.
//!
//! `LSTM_FUZZ_SECONDS` sets how long the test runs.

use lstm_check::{Recording, check, check_recording, power};
use lstm_exchange::ExchangeError;
use lstm_exchange::keras::from_keras;
use lstm_exchange::onnx::from_onnx;
use lstm_exchange::pytorch::from_pytorch;
use lstm_text::Vocabulary;
use peak_alloc::PeakAlloc;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[global_allocator]
static PEAK: PeakAlloc = PeakAlloc;

/// One change of a file.
#[derive(Clone, Debug)]
enum Change {
    Flip(prop::sample::Index, u8),
    /// Overwrites one to eight bytes with a number, as sizes and offsets are stored.
    Number(prop::sample::Index, u8, u64),
    Remove(prop::sample::Index, prop::sample::Index),
    Repeat(prop::sample::Index, prop::sample::Index, u8),
    Move(
        prop::sample::Index,
        prop::sample::Index,
        prop::sample::Index,
    ),
    Truncate(prop::sample::Index),
    /// Replaces one decimal number, as headers have them.
    Decimal(prop::sample::Index, u64),
    /// Wraps the rest of the file in this many messages.
    Nest(prop::sample::Index, u16),
    Insert(prop::sample::Index, Vec<u8>),
}

fn change() -> impl Strategy<Value = Change> {
    use prop::sample::Index;
    let at = any::<Index>;
    let number = prop_oneof![
        any::<u64>(),
        0..300_u64,
        Just(u64::MAX),
        Just(i64::MAX as u64),
        Just(1 << 31),
        Just(1 << 40),
    ];
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(i, b)| Change::Flip(i, b)),
        3 => (at(), 1..9_u8, number.clone()).prop_map(|(i, n, v)| Change::Number(i, n, v)),
        2 => (at(), at()).prop_map(|(a, b)| Change::Remove(a, b)),
        2 => (at(), at(), 1..20_u8).prop_map(|(a, b, n)| Change::Repeat(a, b, n)),
        1 => (at(), at(), at()).prop_map(|(a, b, c)| Change::Move(a, b, c)),
        1 => at().prop_map(Change::Truncate),
        3 => (at(), number).prop_map(|(i, v)| Change::Decimal(i, v)),
        1 => (at(), any::<u16>()).prop_map(|(i, n)| Change::Nest(i, n)),
        1 => (at(), prop::collection::vec(any::<u8>(), 1..40)).prop_map(|(i, v)| Change::Insert(i, v)),
    ]
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let len = bytes.len();
        let range = |a: &prop::sample::Index, b: &prop::sample::Index| {
            let (a, b) = (a.index(len), b.index(len));
            a.min(b)..a.max(b)
        };
        match self {
            Self::Flip(i, bits) => bytes[i.index(len)] ^= bits,
            Self::Number(i, n, value) => {
                let at = i.index(len);
                let end = (at + usize::from(*n)).min(len);
                bytes[at..end].copy_from_slice(&value.to_le_bytes()[..end - at]);
            }
            Self::Remove(a, b) => drop(bytes.drain(range(a, b))),
            Self::Repeat(a, b, times) => {
                let range = range(a, b);
                let piece = bytes[range.clone()].repeat(usize::from(*times));
                bytes.splice(range.end..range.end, piece);
            }
            Self::Move(a, b, to) => {
                let piece: Vec<u8> = bytes.drain(range(a, b)).collect();
                let at = to.index(bytes.len() + 1);
                bytes.splice(at..at, piece);
            }
            Self::Truncate(i) => bytes.truncate(i.index(len)),
            Self::Decimal(i, value) => replace_decimal(bytes, i, *value),
            Self::Nest(i, depth) => {
                let mut inner = bytes.split_off(i.index(len));
                nest(&mut inner, *depth % 2000);
                bytes.append(&mut inner);
            }
            Self::Insert(i, piece) => {
                let at = i.index(len + 1);
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
}

/// Replaces a decimal number by another of the same width, so that a header keeps its length.
fn replace_decimal(bytes: &mut Vec<u8>, i: &prop::sample::Index, value: u64) {
    let is_start =
        |&n: &usize| bytes[n].is_ascii_digit() && (n == 0 || !bytes[n - 1].is_ascii_digit());
    let starts: Vec<usize> = (0..bytes.len()).filter(is_start).collect();
    if let Some(&start) = starts.get(i.index(starts.len().max(1))) {
        let rest = bytes[start..].iter().take_while(|b| b.is_ascii_digit());
        let width = rest.count();
        let digits = value.to_string();
        let digits = format!("{:>width$}", &digits[..digits.len().min(width)]);
        bytes.splice(start..start + width, digits.bytes());
    }
}

/// Wraps the bytes in `depth` protobuf messages, each a field of a graph, of a node, or unknown.
fn nest(inner: &mut Vec<u8>, depth: u16) {
    for n in 0..depth {
        let mut outer = vec![[0x3a, 0x0a, 0x2a, 0x32][usize::from(n % 4)]];
        let mut size = inner.len();
        while size >= 0x80 {
            outer.push(size as u8 | 0x80);
            size >>= 7;
        }
        outer.push(size as u8);
        outer.extend(inner.iter().take(4000));
        *inner = outer;
    }
}

/// Which readers a file is given to.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Onnx,
    Keras,
    /// As a recording and as a model of PyTorch, which may be a pickle.
    Safetensors,
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "onnx" => Some(Self::Onnx),
            "h5" => Some(Self::Keras),
            "safetensors" | "pt" => Some(Self::Safetensors),
            _ => None,
        }
    }
}

fn seeds() -> Vec<(PathBuf, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let mut seeds = Vec::new();
    for folder in ["onnx", "", "lstm", "exchange", "exchange/pytorch_kinds"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if Kind::of(&path).is_some() {
                let bytes = std::fs::read(&path).unwrap();
                if bytes.len() < 30_000 {
                    seeds.push((path, bytes));
                }
            }
        }
    }
    seeds.sort();
    seeds
}

/// The memory that a file may take: 64 MiB, and 512 bytes for each of its own.
fn allowance(len: usize) -> usize {
    (64 << 20) + 512 * len
}

/// The memory that the readers of a file use, and whether the file was decoded.
fn used(bytes: &[u8], peer: Option<&[u8]>, kind: Kind, folder: &Path) -> (usize, bool) {
    PEAK.reset_peak_usage();
    let before = PEAK.current_usage();
    let vocabulary = Some(Vocabulary::from_text("abcdefghijk").unwrap());
    let outcome = match kind {
        Kind::Onnx => {
            let own = folder.join("own.onnx");
            std::fs::write(&own, bytes).unwrap();
            std::fs::write(folder.join("own.safetensors"), peer.unwrap_or_default()).unwrap();
            drop(check(&own));
            from_onnx(bytes, vocabulary)
        }
        Kind::Keras => from_keras(bytes, vocabulary),
        Kind::Safetensors => {
            if let Ok(recording) = Recording::parse(bytes) {
                drop(check_recording(&recording));
                drop(power(&recording));
            }
            from_pytorch(bytes, vocabulary)
        }
    };
    let used = PEAK.peak_usage().saturating_sub(before);
    use ExchangeError::{Foreign, NotKeras, NotOnnx, NotPytorch, Safetensors};
    let is_read = match outcome {
        Err(NotOnnx { .. } | NotKeras { .. } | NotPytorch { .. }) => false,
        Err(Foreign { .. } | Safetensors { .. }) => false,
        Ok(_) | Err(_) => true,
    };
    (used, is_read)
}

#[test]
fn damaged_files_are_refused_or_checked_in_little_memory() {
    let seconds = std::env::var("LSTM_FUZZ_SECONDS")
        .ok()
        .and_then(|s| s.parse().ok());
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(4));
    let seeds = seeds();
    let folder = tempfile::tempdir().unwrap();
    let (cases, most, parsed) = (Cell::new(0_u64), Cell::new(0), Cell::new(0_u64));
    let strategy = (
        0..seeds.len(),
        prop::collection::vec(change(), 1..4),
        prop::collection::vec(change(), 0..2),
    );
    while Instant::now() < end {
        // A runner stops after its number of cases. A failure prints the smallest case; no file is kept.
        let mut runner = TestRunner::new(Config {
            cases: 64,
            failure_persistence: None,
            ..Config::default()
        });
        let outcome = runner.run(&strategy, |(n, changes, of_peer)| {
            let (path, bytes) = &seeds[n];
            let kind = Kind::of(path).unwrap();
            let mut bytes = bytes.clone();
            changes.iter().for_each(|change| change.apply(&mut bytes));
            let peer = (kind == Kind::Onnx)
                .then(|| std::fs::read(path.with_extension("safetensors")).unwrap());
            let peer = peer.map(|mut peer| {
                of_peer.iter().for_each(|change| change.apply(&mut peer));
                peer
            });
            let len = bytes.len() + peer.as_ref().map_or(0, Vec::len);
            let (used, is_read) = used(&bytes, peer.as_deref(), kind, folder.path());
            cases.set(cases.get() + 1);
            most.set(most.get().max(used));
            parsed.set(parsed.get() + u64::from(is_read));
            prop_assert!(
                used <= allowance(len),
                "{}: {used} bytes for a file of {len}",
                path.display()
            );
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{error}");
        }
    }
    println!(
        "{} cases, {} of them read, at most {} kB in use",
        cases.get(),
        parsed.get(),
        most.get() / 1000
    );
    assert!(cases.get() > 100 && parsed.get() > 10);
}
