//! Runs a model with candle-onnx: `with-candle MODEL < INPUTS > OUTPUTS`.

use array::Array;
use candle_core::{Device, Tensor};
use std::collections::HashMap;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a model")?;
    array::run(|inputs| outputs(&path, inputs))
}

fn outputs(path: &str, inputs: &[Array]) -> Result<Vec<Array>, Box<dyn std::error::Error>> {
    let model = candle_onnx::read_file(path)?;
    let mut given = HashMap::new();
    for array in inputs {
        let integers = || array.data.iter().map(|&v| v as i64).collect::<Vec<_>>();
        let shape = &array.shape[..];
        let tensor = if array.is_integer {
            Tensor::from_vec(integers(), shape, &Device::Cpu)?
        } else {
            Tensor::from_vec(array.floats(), shape, &Device::Cpu)?
        };
        given.insert(array.name.clone(), tensor);
    }
    let found = candle_onnx::simple_eval(&model, given)?;
    let graph = model.graph.ok_or("the model has no graph")?;
    let output = |name: &str| -> Result<Array, Box<dyn std::error::Error>> {
        let tensor = found
            .get(name)
            .ok_or(format!("there is no output {name}"))?;
        let numbers = tensor.flatten_all()?.to_vec1::<f32>()?;
        Ok(Array::output(tensor.dims(), &numbers))
    };
    graph.output.iter().map(|info| output(&info.name)).collect()
}
