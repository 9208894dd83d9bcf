//! Writes a `.weights.h5` file.

use super::hdf5::damaged;
use crate::about::ENTRY;
use crate::{ExchangeError, Tensor};
use hdf5_pure::FileBuilder;

/// A file with the arrays `0`, `1` … at each path below `layers`, in single precision.
pub(super) fn write(
    layers: &[(String, Vec<Tensor>)],
    about: &str,
) -> Result<Vec<u8>, ExchangeError> {
    let mut file = FileBuilder::new();
    let mut top = file.create_group("layers");
    for (path, arrays) in layers {
        let mut names = path.split('/').rev();
        let mut group = top.create_group(names.next().unwrap_or_default());
        for (n, array) in arrays.iter().enumerate() {
            let numbers: Vec<f32> = array.data.iter().map(|&v| v as f32).collect();
            let shape: Vec<u64> = array.shape.iter().map(|&size| size as u64).collect();
            group
                .create_dataset(&n.to_string())
                .with_f32_data(&numbers)
                .with_shape(&shape);
        }
        for name in names {
            let mut outer = top.create_group(name);
            outer.add_group(group.finish());
            group = outer;
        }
        top.add_group(group.finish());
    }
    file.add_group(top.finish());
    file.create_dataset(ENTRY).with_u8_data(about.as_bytes());
    file.finish().map_err(|e| damaged(&e))
}
