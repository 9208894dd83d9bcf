//! Every file that fuzzing has found to reach new code is read again. The reader must neither panic nor
//! take long; whether it accepts the file does not matter.

#[path = "../../../fuzz/src/lib.rs"]
mod fuzz;

use fuzz::READERS;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Reading one of these small files takes less than a tenth of a second.
const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn every_file_of_the_corpora_is_read_or_refused() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let mut files = 0;
    for (name, read) in READERS {
        let entries = fs::read_dir(corpora.join(name)).unwrap();
        for entry in entries {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            let start = Instant::now();
            read(&bytes);
            assert!(start.elapsed() < PATIENCE, "{} took long", path.display());
            files += 1;
        }
    }
    assert!(files > READERS.len(), "{files} files");
}
