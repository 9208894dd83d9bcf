//! `lstm vectors`.

use crate::args::VectorsArgs;
use crate::error::{CliError, say};
use lstm_check::vectors;
use std::fs;

pub fn run(args: &VectorsArgs) -> Result<(), CliError> {
    fs::create_dir_all(&args.out).map_err(CliError::io("create", &args.out))?;
    for vector in vectors() {
        let safetensors = args.out.join(format!("{}.safetensors", vector.name));
        let json = args.out.join(format!("{}.json", vector.name));
        let text = args.out.join(format!("{}.txt", vector.name));
        fs::write(&safetensors, vector.to_safetensors())
            .map_err(CliError::io("write", &safetensors))?;
        fs::write(&json, vector.to_json()).map_err(CliError::io("write", &json))?;
        fs::write(&text, vector.to_text()).map_err(CliError::io("write", &text))?;
        say!("{:<14} {}", vector.name, vector.purpose);
    }
    say!(
        "\nwritten to {}, each as safetensors, JSON and plain text",
        args.out.display()
    );
    Ok(())
}
