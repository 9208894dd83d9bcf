//! An HDF5 file in memory: groups, attributes and arrays. The amount that is read is limited.

use crate::parts::Named;
use crate::{ExchangeError, Tensor};
use hdf5_pure::{DType, Dataset, Error, File, FormatError, Group, Source};
use std::sync::atomic::{AtomicU64, Ordering};

/// An open file.
pub(super) struct Hdf5 {
    file: File,
    /// How many bytes of arrays may still be read: all arrays together are no longer than the file.
    bytes_left: u64,
    /// How many bytes of arrays were read.
    pub bytes_read: u64,
}

/// A file's bytes, with a limit on all reads together: an attribute may refer to the same string any
/// number of times.
struct Metered {
    bytes: Vec<u8>,
    left: AtomicU64,
}

impl Source for Metered {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), FormatError> {
        let wanted = buf.len() as u64;
        let spend = |left: u64| left.checked_sub(wanted);
        let paid = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend);
        if paid.is_err() {
            return Err(FormatError::Source("it refers to itself too often".into()));
        }
        let start = usize::try_from(offset).ok();
        let end = start.and_then(|start| start.checked_add(buf.len()));
        let part = start.zip(end).and_then(|(s, e)| self.bytes.get(s..e));
        let part = part.ok_or(FormatError::UnexpectedEof {
            expected: end.unwrap_or(usize::MAX),
            available: self.bytes.len(),
        })?;
        buf.copy_from_slice(part);
        Ok(())
    }
}

/// The limit on all reads together. It exceeds the file's length, because the structure is read
/// repeatedly.
fn allowance(len: u64) -> u64 {
    len.saturating_mul(16).saturating_add(1 << 24)
}

impl Hdf5 {
    /// Opens a file; reading takes memory of a small multiple of its length.
    pub fn open(bytes: Vec<u8>) -> Result<Self, ExchangeError> {
        let len = bytes.len() as u64;
        let source = Metered {
            bytes,
            left: AtomicU64::new(allowance(len)),
        };
        Ok(Self {
            file: File::from_source(source).map_err(|e| damaged(&e))?,
            bytes_left: len,
            bytes_read: 0,
        })
    }

    pub fn root(&self) -> Group {
        self.file.root()
    }

    /// An array of single or double precision.
    pub fn tensor(&mut self, path: &str, array: &Dataset) -> Result<Named, ExchangeError> {
        let dtype = array.dtype().map_err(|e| damaged(&e))?;
        let (width, is_single) = match dtype {
            DType::F32 => (4, true),
            DType::F64 => (8, false),
            other => {
                return Err(ExchangeError::Unsupported {
                    what: format!("array {path} of {other} (expected f32 or f64)"),
                });
            }
        };
        let shape = self.sizes(path, array, width)?;
        let data: Vec<f64> = if is_single {
            let numbers = array.read_f32().map_err(|e| damaged(&e))?;
            numbers.into_iter().map(f64::from).collect()
        } else {
            array.read_f64().map_err(|e| damaged(&e))?
        };
        if data.is_empty() || data.len() != shape.iter().product::<usize>() {
            let why = format!("{path} of shape {shape:?} has {} numbers", data.len());
            return Err(not_keras(why));
        }
        Ok(Named {
            name: path.to_owned(),
            tensor: Tensor::new(&shape, data),
        })
    }

    /// The array `name` of the root group, as text.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, ExchangeError> {
        let names = self.root().datasets().map_err(|e| damaged(&e))?;
        if !names.iter().any(|found| found == name) {
            return Ok(None);
        }
        let array = self.file.dataset(name).map_err(|e| damaged(&e))?;
        self.sizes(name, &array, 1)?;
        let text = String::from_utf8(array.read_u8().map_err(|e| damaged(&e))?);
        text.map(Some).map_err(|why| ExchangeError::Metadata {
            key: name.to_owned(),
            why: why.to_string(),
        })
    }

    /// An array's shape. An error if it has more numbers than the file has room for.
    fn sizes(
        &mut self,
        path: &str,
        array: &Dataset,
        width: u64,
    ) -> Result<Vec<usize>, ExchangeError> {
        let shape = array.shape().map_err(|e| damaged(&e))?;
        let bytes = shape.iter().try_fold(width, |n, &size| n.checked_mul(size));
        let left = bytes.and_then(|bytes| self.bytes_left.checked_sub(bytes));
        let (Some(bytes), Some(left)) = (bytes, left) else {
            let why = format!("{path} of shape {shape:?} is larger than the file");
            return Err(not_keras(why));
        };
        self.bytes_left = left;
        self.bytes_read += bytes;
        Ok(shape.into_iter().map(|size| size as usize).collect())
    }
}

/// The strings of a group's attribute; `None` if it has no such attribute.
///
/// Keras splits a long list into the attributes `name0`, `name1` …
pub(super) fn strings(group: &Group, name: &str) -> Result<Option<Vec<String>>, ExchangeError> {
    let attributes = group.attrs().map_err(|e| damaged(&e))?;
    if let Some(value) = attributes.get(name) {
        // Keras stores an empty list as an array of no numbers.
        return Ok(Some(value.as_strings().unwrap_or_default().to_vec()));
    }
    let pieces = (0..).map_while(|n| attributes.get(&format!("{name}{n}"))?.as_strings());
    let joined: Vec<String> = pieces.flatten().cloned().collect();
    if !joined.is_empty() {
        return Ok(Some(joined));
    }
    let all = group.attr_datatypes().map_err(|e| damaged(&e))?;
    if all.contains_key(name) {
        return Err(not_keras(format!("its attribute {name} cannot be read")));
    }
    Ok(None)
}

pub(super) fn not_keras(why: String) -> ExchangeError {
    ExchangeError::NotKeras { why }
}

pub(super) fn damaged(error: &Error) -> ExchangeError {
    not_keras(error.to_string())
}
