//! Runs the model for which it was built with Burn: `with-burn < INPUTS > OUTPUTS`.

#![allow(dead_code, unused, clippy::all)]

use array::Array;
use burn::tensor::{Device, Int, Tensor, TensorData};

include!(concat!(env!("OUT_DIR"), "/glue.rs"));

fn main() -> Result<(), Box<dyn std::error::Error>> {
    array::run(outputs)
}

fn float<const D: usize>(array: &Array) -> Tensor<D> {
    let data = TensorData::new(array.floats(), array.shape.clone());
    Tensor::from_data(data, &Device::default())
}

fn int<const D: usize>(array: &Array) -> Tensor<D, Int> {
    let integers: Vec<i32> = array.data.iter().map(|&v| v as i32).collect();
    let data = TensorData::new(integers, array.shape.clone());
    Tensor::from_data(data, &Device::default())
}

fn output<const D: usize>(tensor: Tensor<D>) -> Array {
    let shape = tensor.dims();
    let data = tensor.into_data().convert::<f32>();
    Array::output(&shape, &data.to_vec::<f32>().unwrap())
}
