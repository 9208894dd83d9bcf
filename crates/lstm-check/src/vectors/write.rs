//! The three file formats of the vectors.

use super::TestVector;
use lstm_exchange::{Tensor, Tensors};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl TestVector {
    /// A safetensors file: `lengths` and `ids` are I64, everything else F64.
    ///
    /// The metadata has a single entry, `record`, a JSON object with sorted keys, so that the bytes are
    /// always the same.
    pub fn to_safetensors(&self) -> Vec<u8> {
        let recording = self.recording();
        let bytes = |(name, tensor): (&String, &Tensor)| {
            let is_count = name == "lengths" || name == "ids";
            let numbers = tensor.data.iter();
            let (dtype, data): (_, Vec<u8>) = if is_count {
                let bytes = numbers.flat_map(|&v| (v as i64).to_le_bytes());
                (Dtype::I64, bytes.collect())
            } else {
                (Dtype::F64, numbers.flat_map(|v| v.to_le_bytes()).collect())
            };
            (name.clone(), dtype, tensor.shape.clone(), data)
        };
        let all: Vec<_> = recording.tensors.iter().map(bytes).collect();
        let views = all.iter().map(|(name, dtype, shape, data)| {
            let view = TensorView::new(*dtype, shape.clone(), data);
            (name, view.expect("as many bytes as the shape says"))
        });
        let record = [("record".to_owned(), self.record().to_string())].into();
        safetensors::serialize(views, Some(record)).expect("names and shapes are plain")
    }

    /// JSON with a line for each tensor. Numbers are written so that they are read back exactly.
    pub fn to_json(&self) -> String {
        let tensors = |tensors: &Tensors| {
            let line = |(name, tensor): (&String, &Tensor)| {
                let tensor = json!({ "shape": tensor.shape, "data": tensor.data });
                format!("    {}: {tensor}", json!(name))
            };
            tensors.iter().map(line).collect::<Vec<_>>().join(",\n")
        };
        format!(
            "{{\n  \"record\": {},\n  \"inputs\": {{\n{}\n  }},\n  \"computed\": {{\n{}\n  }}\n}}\n",
            self.record(),
            tensors(&self.inputs.tensors),
            tensors(&self.computed)
        )
    }

    /// Text with a line for each tensor: its name, its number of dimensions, its sizes, its numbers.
    pub fn to_text(&self) -> String {
        let line = |(name, tensor): (&String, &Tensor)| {
            let sizes = tensor.shape.iter().map(ToString::to_string);
            let numbers = tensor.data.iter().map(|v| format!("{v:?}"));
            let words: Vec<String> = sizes.chain(numbers).collect();
            format!("{name} {} {}\n", tensor.shape.len(), words.join(" "))
        };
        self.recording().tensors.iter().map(line).collect()
    }

    /// The metadata with sorted keys.
    fn record(&self) -> Value {
        let entries: BTreeMap<_, _> = self.inputs.metadata.iter().collect();
        json!(entries)
    }
}
