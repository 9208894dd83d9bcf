//! Runs a model with tract: `with-tract MODEL < INPUTS > OUTPUTS`.

use array::Array;
use tract_onnx::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a model")?;
    array::run(|inputs| outputs(&path, inputs))
}

fn outputs(path: &str, inputs: &[Array]) -> Result<Vec<Array>, Box<dyn std::error::Error>> {
    let model = tract_onnx::onnx()
        .model_for_path(path)?
        .into_optimized()?
        .into_runnable()?;
    let input = |array: &Array| {
        let integers = || array.data.iter().map(|&v| v as i32).collect::<Vec<_>>();
        Ok::<_, TractError>(if array.is_integer {
            Tensor::from_shape(&array.shape, &integers())?.into_tvalue()
        } else {
            Tensor::from_shape(&array.shape, &array.floats())?.into_tvalue()
        })
    };
    let inputs = inputs.iter().map(input).collect::<Result<TVec<_>, _>>()?;
    let mut outputs = Vec::new();
    for value in model.run(inputs)? {
        let view = value.to_plain_array_view::<f32>()?;
        let numbers: Vec<f32> = view.iter().copied().collect();
        outputs.push(Array::output(view.shape(), &numbers));
    }
    Ok(outputs)
}
