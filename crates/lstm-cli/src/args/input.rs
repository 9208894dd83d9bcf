//! The limit on what is read from strangers.

use clap::Args;
use lstm_text::{ByteSize, InputLimit};
use lstm_train::available_memory;

#[derive(Clone, Copy, Debug, Args)]
pub struct InputArgs {
    /// The largest input to read, unpacked, and its longest row: bytes, or as 500M or 8G. Not stored: a
    /// resumed run needs it again [default: 1G for a file; 256M for a pipe, a device, standard input and
    /// what a gzip file unpacks to, or 100 times that file if this is more, up to 1G; never more than a
    /// sixteenth of the available memory; 1M for a row of data or a line of standard input]
    #[arg(long, value_name = "SIZE", help_heading = "Limits")]
    pub max_input: Option<ByteSize>,
}

impl InputArgs {
    pub fn limit(self) -> InputLimit {
        let by_memory =
            || available_memory().map_or_else(InputLimit::default, InputLimit::for_memory);
        self.max_input.map_or_else(by_memory, InputLimit::of)
    }
}
