//! `lstm vectors`.

use crate::args::VectorsArgs;
use crate::error::{CliError, say};
use lstm_check::vectors;
use lstm_train::{create_dir, create_file};

pub fn run(args: &VectorsArgs) -> Result<(), CliError> {
    create_dir(&args.out)?;
    for vector in vectors() {
        for (format, bytes) in [
            ("safetensors", vector.to_safetensors()),
            ("json", vector.to_json().into_bytes()),
            ("txt", vector.to_text().into_bytes()),
        ] {
            let path = args.out.join(format!("{}.{format}", vector.name));
            create_file(&path, &bytes)?;
        }
        say!("{:<14} {}", vector.name, vector.purpose);
    }
    say!(
        "\nwritten to {}, each as safetensors, JSON and plain text",
        args.out.display()
    );
    Ok(())
}
