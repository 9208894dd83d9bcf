//! `lstm vectors`.

use crate::args::VectorsArgs;
use crate::error::{CliError, say};
use lstm_check::{backend_cases, vectors};
use lstm_train::{create_dir, create_file};

pub fn run(args: &VectorsArgs) -> Result<(), CliError> {
    create_dir(&args.out)?;
    if args.onnx {
        return write_cases(args);
    }
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

/// Writes a folder for each case: the model, and a folder with its inputs and outputs.
fn write_cases(args: &VectorsArgs) -> Result<(), CliError> {
    for case in backend_cases() {
        for (path, bytes) in case.files() {
            let path = args.out.join(case.name).join(path);
            let folder = path.parent().unwrap_or(&args.out);
            create_dir(folder)?;
            create_file(&path, &bytes)?;
        }
        say!("{:<34} {}", case.name, case.purpose);
    }
    say!(
        "\nwritten to {}, each as model.onnx and test_data_set_0/",
        args.out.display()
    );
    Ok(())
}
