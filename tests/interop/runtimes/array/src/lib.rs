//! The arrays that run.py and the programs send each other, as JSON.

use serde::{Deserialize, Serialize};
use std::error::Error;

/// An array, row-major.
#[derive(Debug, Deserialize, Serialize)]
pub struct Array {
    pub name: String,
    pub is_integer: bool,
    pub shape: Vec<usize>,
    pub data: Vec<f64>,
}

impl Array {
    pub fn floats(&self) -> Vec<f32> {
        self.data.iter().map(|&v| v as f32).collect()
    }

    pub fn output(shape: &[usize], data: &[f32]) -> Self {
        Self {
            name: String::new(),
            is_integer: false,
            shape: shape.to_vec(),
            data: data.iter().map(|&v| v.into()).collect(),
        }
    }
}

/// Reads the inputs from standard input and writes the outputs to standard output.
pub fn run<E: Into<Box<dyn Error>>>(
    model: impl FnOnce(&[Array]) -> Result<Vec<Array>, E>,
) -> Result<(), Box<dyn Error>> {
    let inputs: Vec<Array> = serde_json::from_reader(std::io::stdin())?;
    let outputs = model(&inputs).map_err(Into::into)?;
    serde_json::to_writer(std::io::stdout(), &outputs)?;
    Ok(())
}
