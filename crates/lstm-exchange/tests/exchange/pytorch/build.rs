//! Makes files of PyTorch, byte by byte.

use lstm_exchange::pytorch::{PytorchOptions, from_pytorch_with};
use lstm_exchange::{CharModel, ExchangeError, Tensor, Tensors};
use lstm_model::{Batched, Network};
use lstm_text::Vocabulary;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use std::collections::HashMap;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub const V: usize = 5;
pub const D: usize = 3;
pub const H: usize = 4;

/// The tensors of a model, under the names of PyTorch's example of a language model.
pub fn model() -> Tensors {
    shaped(&[
        ("encoder.weight", &[V, D]),
        ("rnn.weight_ih_l0", &[4 * H, D]),
        ("rnn.weight_hh_l0", &[4 * H, H]),
        ("rnn.bias_ih_l0", &[4 * H]),
        ("rnn.bias_hh_l0", &[4 * H]),
        ("decoder.weight", &[V, H]),
        ("decoder.bias", &[V]),
    ])
}

/// Tensors of different numbers.
pub fn shaped(all: &[(&str, &[usize])]) -> Tensors {
    let mut seed = 0_u32;
    let mut number = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(seed >> 16) / 65536.0 - 0.5
    };
    let mut tensor = |shape: &[usize]| {
        let count = shape.iter().product();
        Tensor::new(shape, (0..count).map(|_| number()).collect())
    };
    all.iter()
        .map(|&(name, shape)| (name.to_owned(), tensor(shape)))
        .collect()
}

/// The same tensors under other names.
pub fn renamed(tensors: &Tensors, names: &[(&str, &str)]) -> Tensors {
    let rename = |name: &String| {
        names
            .iter()
            .fold(name.clone(), |name, (from, to)| name.replace(from, to))
    };
    tensors
        .iter()
        .map(|(name, tensor)| (rename(name), tensor.clone()))
        .collect()
}

pub fn read(bytes: &[u8]) -> Result<CharModel, ExchangeError> {
    read_with(bytes, PytorchOptions::default())
}

/// Reads a file; its characters are the first of the alphabet, as many as there are ids.
pub fn read_with(bytes: &[u8], options: PytorchOptions) -> Result<CharModel, ExchangeError> {
    let vocabulary = Vocabulary::from_chars("abcde".chars().collect()).unwrap();
    let vocabulary = options
        .vocabulary
        .clone()
        .unwrap_or_else(|| vocabulary.into());
    from_pytorch_with(
        bytes,
        &PytorchOptions {
            vocabulary: Some(vocabulary),
            ..options
        },
    )
}

pub fn network(bytes: &[u8]) -> Network<Batched<f32>> {
    read(bytes).unwrap().network
}

/// What is said of a file that is refused.
pub fn said(bytes: &[u8]) -> String {
    said_with(bytes, PytorchOptions::default())
}

pub fn said_with(bytes: &[u8], options: PytorchOptions) -> String {
    read_with(bytes, options)
        .map(|_| ())
        .unwrap_err()
        .to_string()
}

/// A safetensors file.
pub fn safetensors(tensors: &Tensors, metadata: &[(&str, &str)]) -> Vec<u8> {
    let bytes: Vec<(&String, &Tensor, Vec<u8>)> = tensors
        .iter()
        .map(|(name, tensor)| (name, tensor, singles(tensor)))
        .collect();
    let view = |(name, tensor, bytes)| -> (&String, TensorView<'_>) {
        let (tensor, bytes): (&Tensor, &Vec<u8>) = (tensor, bytes);
        (
            name,
            TensorView::new(Dtype::F32, tensor.shape.clone(), bytes).unwrap(),
        )
    };
    let views = bytes
        .iter()
        .map(|(name, tensor, bytes)| view((*name, *tensor, bytes)));
    let metadata: HashMap<String, String> = metadata
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    safetensors::serialize(views, Some(metadata)).unwrap()
}

pub fn singles(tensor: &Tensor) -> Vec<u8> {
    tensor
        .data
        .iter()
        .flat_map(|&v| (v as f32).to_le_bytes())
        .collect()
}

/// Instructions of a pickle.
pub fn text(text: &str) -> Vec<u8> {
    let mut code = vec![b'X'];
    code.extend((text.len() as u32).to_le_bytes());
    code.extend(text.as_bytes());
    code
}

pub fn int(n: i128) -> Vec<u8> {
    format!("L{n}L\n").into_bytes()
}

pub fn tuple(parts: &[Vec<u8>]) -> Vec<u8> {
    [&b"("[..], &parts.concat(), b"t"].concat()
}

pub fn dict(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let entries = entries
        .iter()
        .map(|(key, value)| [text(key), value.clone()].concat());
    [&b"}("[..], &entries.collect::<Vec<_>>().concat(), b"u"].concat()
}

/// A class or a function by its name.
pub fn global(module: &str, name: &str) -> Vec<u8> {
    format!("c{module}\n{name}\n").into_bytes()
}

pub fn call(function: Vec<u8>, arguments: &[Vec<u8>]) -> Vec<u8> {
    [function, tuple(arguments), b"R".to_vec()].concat()
}

/// An object of a class with attributes.
pub fn object(class: Vec<u8>, attributes: &[(&str, Vec<u8>)]) -> Vec<u8> {
    [class, b")\x81".to_vec(), dict(attributes), b"b".to_vec()].concat()
}

pub fn module(
    class: Vec<u8>,
    parameters: &[(&str, Vec<u8>)],
    children: &[(&str, Vec<u8>)],
    others: &[(&str, Vec<u8>)],
) -> Vec<u8> {
    let own = [
        ("_parameters", dict(parameters)),
        ("_buffers", dict(&[])),
        ("_modules", dict(children)),
    ];
    object(class, &[&own[..], others].concat())
}

/// A view of a storage.
#[derive(Clone)]
pub struct View {
    pub class: &'static str,
    pub key: String,
    pub len: i128,
    pub offset: i128,
    pub shape: Vec<i128>,
    pub strides: Vec<i128>,
}

impl View {
    /// All of a storage, row-major.
    pub fn of(key: &str, tensor: &Tensor) -> Self {
        let below = |n: usize| tensor.shape[n + 1..].iter().product::<usize>() as i128;
        Self {
            class: "FloatStorage",
            key: key.to_owned(),
            len: tensor.data.len() as i128,
            offset: 0,
            shape: tensor.shape.iter().map(|&size| size as i128).collect(),
            strides: (0..tensor.shape.len()).map(below).collect(),
        }
    }

    pub fn pickle(&self) -> Vec<u8> {
        let ints = |all: &[i128]| tuple(&all.iter().copied().map(int).collect::<Vec<_>>());
        let fields = [
            text("storage"),
            global("torch", self.class),
            text(&self.key),
            text("cpu"),
            int(self.len),
        ];
        let storage = [tuple(&fields), b"Q".to_vec()].concat();
        let rest = [
            int(self.offset),
            ints(&self.shape),
            ints(&self.strides),
            b"\x89".to_vec(),
            b"N".to_vec(),
        ];
        let arguments = [&[storage][..], &rest].concat();
        call(global("torch._utils", "_rebuild_tensor_v2"), &arguments)
    }
}

/// A state dict whose tensors are each alone in the storage of its own name.
pub fn state_dict(tensors: &Tensors) -> Vec<u8> {
    let entries: Vec<_> = tensors
        .iter()
        .map(|(name, tensor)| (name.as_str(), View::of(name, tensor).pickle()))
        .collect();
    dict(&entries)
}

pub fn pickle(code: &[u8]) -> Vec<u8> {
    [b"\x80\x02", code, b"."].concat()
}

/// A zip archive, nothing compressed.
pub fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A file of `torch.save` with an object, and the storages of these tensors.
pub fn saved(code: &[u8], storages: &Tensors) -> Vec<u8> {
    let pickle = pickle(code);
    let storages: Vec<(String, Vec<u8>)> = storages
        .iter()
        .map(|(name, tensor)| (format!("archive/data/{name}"), singles(tensor)))
        .collect();
    let mut entries = vec![
        ("archive/data.pkl", &pickle[..]),
        ("archive/byteorder", b"little"),
    ];
    entries.extend(
        storages
            .iter()
            .map(|(name, bytes)| (name.as_str(), &bytes[..])),
    );
    zipped(&entries)
}

/// The same before PyTorch 1.6.
pub fn legacy(pickle: &[u8], storages: &Tensors, is_little: bool) -> Vec<u8> {
    let flag = if is_little { b"\x88" } else { b"\x89" };
    let keys = storages
        .keys()
        .map(|key| text(key))
        .collect::<Vec<_>>()
        .concat();
    let mut file =
        b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.".to_vec();
    file.extend(self::pickle(&dict(&[("little_endian", flag.to_vec())])));
    file.extend(pickle);
    file.extend(self::pickle(&[&b"]("[..], &keys, b"e"].concat()));
    for tensor in storages.values() {
        file.extend((tensor.data.len() as u64).to_le_bytes());
        file.extend(singles(tensor));
    }
    file
}
