//! Tensors as views of storages: which numbers of a storage belong to a tensor, and in what order.

use super::pickle::{Storage, View};
use crate::{ExchangeError, Tensor};

/// The number type of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    F64,
    F32,
    F16,
    BF16,
    I64,
    I32,
}

impl Element {
    fn of(class: &str) -> Option<Self> {
        Some(match class {
            "DoubleStorage" => Self::F64,
            "FloatStorage" => Self::F32,
            "HalfStorage" => Self::F16,
            "BFloat16Storage" => Self::BF16,
            "LongStorage" => Self::I64,
            "IntStorage" => Self::I32,
            _ => return None,
        })
    }

    /// Element `n`, little-endian.
    fn read(self, bytes: &[u8], n: usize) -> f64 {
        match self {
            Self::F64 => f64::from_le_bytes(element(bytes, n)),
            Self::F32 => f32::from_le_bytes(element(bytes, n)).into(),
            Self::F16 => half::f16::from_le_bytes(element(bytes, n)).to_f64(),
            Self::BF16 => half::bf16::from_le_bytes(element(bytes, n)).to_f64(),
            Self::I64 => i64::from_le_bytes(element(bytes, n)) as f64,
            Self::I32 => i32::from_le_bytes(element(bytes, n)).into(),
        }
    }
}

fn element<const N: usize>(bytes: &[u8], n: usize) -> [u8; N] {
    bytes.as_chunks().0[n]
}

/// The size in bytes of an element, by the class of its storage (`FloatStorage` and so on).
fn element_size(class: &str) -> Option<usize> {
    Some(match class {
        "DoubleStorage" | "LongStorage" | "ComplexFloatStorage" => 8,
        "FloatStorage" | "IntStorage" | "QInt32Storage" => 4,
        "HalfStorage" | "BFloat16Storage" | "ShortStorage" => 2,
        "CharStorage" | "ByteStorage" | "BoolStorage" | "QInt8Storage" | "QUInt8Storage"
        | "UntypedStorage" => 1,
        "ComplexDoubleStorage" => 16,
        _ => return None,
    })
}

/// The size of a storage in bytes.
pub(super) fn size(storage: &Storage) -> Result<usize, ExchangeError> {
    let Storage { key, class, len } = storage;
    let size = element_size(class).ok_or_else(|| ExchangeError::NotPytorch {
        why: format!("storage {key} is a {class}, which is not read"),
    })?;
    len.checked_mul(size)
        .ok_or_else(|| ExchangeError::NotPytorch {
            why: format!("storage {key} claims {len} elements"),
        })
}

/// The numbers of a tensor, row-major, from the bytes of its storage.
///
/// # Errors
/// If the tensor reaches beyond its storage, has more numbers than its storage, is empty, or has an
/// unsupported number type.
pub(super) fn tensor(name: &str, view: &View, bytes: &[u8]) -> Result<Tensor, ExchangeError> {
    let View {
        storage,
        offset,
        shape,
        strides,
    } = view;
    let kind = Element::of(&storage.class).ok_or_else(|| ExchangeError::Dtype {
        tensor: name.to_owned(),
        dtype: storage.class.trim_end_matches("Storage").to_owned(),
    })?;
    let damaged = |why: &str| ExchangeError::NotPytorch {
        why: format!(
            "tensor {name} (shape {shape:?}, strides {strides:?}, offset {offset}) {why} its storage of {} elements",
            storage.len
        ),
    };
    let count = shape
        .iter()
        .try_fold(1_usize, |n, &size| n.checked_mul(size));
    let count = count
        .filter(|&n| n <= storage.len)
        .ok_or_else(|| damaged("has more numbers than"))?;
    if count == 0 {
        return Err(ExchangeError::Unsupported {
            what: format!("an empty tensor ({name}, of shape {shape:?})"),
        });
    }
    let reach = shape
        .iter()
        .zip(strides)
        .try_fold(*offset, |reach, (&size, &stride)| {
            (size - 1)
                .checked_mul(stride)
                .and_then(|step| reach.checked_add(step))
        });
    if reach.is_none_or(|last| last >= storage.len) {
        return Err(damaged("reaches beyond"));
    }
    let numbers = (0..count).map(|n| kind.read(bytes, offset + place(n, shape, strides)));
    Ok(Tensor::new(shape, numbers.collect()))
}

/// The distance of element `n`, counted row-major, from the first element.
fn place(mut n: usize, shape: &[usize], strides: &[usize]) -> usize {
    let mut place = 0;
    for (size, stride) in shape.iter().zip(strides).rev() {
        place += n % size * stride;
        n /= size;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    fn view(len: usize, offset: usize, shape: &[usize], strides: &[usize]) -> View {
        View {
            storage: Rc::new(Storage {
                key: "0".into(),
                class: "FloatStorage".into(),
                len,
            }),
            offset,
            shape: shape.to_vec(),
            strides: strides.to_vec(),
        }
    }

    fn read(view: &View) -> Result<Tensor, ExchangeError> {
        let bytes: Vec<u8> = (0..view.storage.len.min(100))
            .flat_map(|n| (n as f32).to_le_bytes())
            .collect();
        tensor("w", view, &bytes)
    }

    #[test]
    fn strides_say_where_the_elements_are() {
        let numbers = |offset, shape: &[usize], strides: &[usize]| {
            read(&view(6, offset, shape, strides)).unwrap().data
        };
        assert_eq!(numbers(0, &[2, 3], &[3, 1]), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(numbers(0, &[3, 2], &[1, 3]), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        assert_eq!(numbers(2, &[2], &[2]), [2.0, 4.0]);
        assert_eq!(numbers(3, &[2, 2], &[0, 1]), [3.0, 4.0, 3.0, 4.0]);
        assert_eq!(numbers(5, &[], &[]), [5.0]);
    }

    #[test]
    fn what_is_not_in_the_storage_is_not_read() {
        let most = usize::MAX;
        for (bad, why) in [
            (view(6, 1, &[2, 3], &[3, 1]), "reaches beyond"),
            (view(6, most, &[2, 3], &[3, 1]), "reaches beyond"),
            (view(6, 0, &[2, 3], &[most, 1]), "reaches beyond"),
            (view(6, 6, &[], &[]), "reaches beyond"),
            (view(6, 0, &[7], &[0]), "has more numbers than"),
            (view(6, 0, &[most, most], &[0, 0]), "has more numbers than"),
            (view(6, 0, &[0, 3], &[3, 1]), "an empty tensor"),
        ] {
            let said = read(&bad).unwrap_err().to_string();
            assert!(said.contains(why), "{bad:?}: {said}");
        }
    }

    #[test]
    fn every_number_type_of_weights_is_read() {
        let one = |class: &str, bytes: &[u8]| {
            let mut view = view(1, 0, &[], &[]);
            view.storage = Rc::new(Storage {
                class: class.into(),
                ..(*view.storage).clone()
            });
            assert_eq!(size(&view.storage).unwrap(), bytes.len());
            tensor("w", &view, bytes)
        };
        assert_eq!(
            one("DoubleStorage", &(-1.5_f64).to_le_bytes())
                .unwrap()
                .data,
            [-1.5]
        );
        assert_eq!(
            one("HalfStorage", &half::f16::from_f32(-1.5).to_le_bytes())
                .unwrap()
                .data,
            [-1.5]
        );
        assert_eq!(
            one("BFloat16Storage", &half::bf16::from_f32(-1.5).to_le_bytes())
                .unwrap()
                .data,
            [-1.5]
        );
        assert_eq!(
            one("LongStorage", &(-3_i64).to_le_bytes()).unwrap().data,
            [-3.0]
        );
        assert_eq!(
            one("IntStorage", &(-3_i32).to_le_bytes()).unwrap().data,
            [-3.0]
        );
        let said = one("CharStorage", &[7]).unwrap_err().to_string();
        assert!(
            said.starts_with("tensor w has type Char, expected"),
            "{said}"
        );
    }
}
