//! The two formats of `torch.save`: a zip archive or, before PyTorch 1.6, a sequence of pickles.

use super::pickle::{self, Fault, Heap, Id, Node, Storage};
use super::storage::size;
use crate::ExchangeError;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::ops::Range;
use zip::{CompressionMethod, ZipArchive};

/// A PyTorch file: its object, and the bytes of its tensors.
pub(super) struct Container<'a> {
    pub heap: Heap,
    pub root: Id,
    storages: Storages<'a>,
}

enum Storages<'a> {
    Zip(Box<Archive<'a>>),
    /// The position of each storage in the file.
    Legacy(&'a [u8], BTreeMap<String, Range<usize>>),
}

struct Archive<'a> {
    bytes: &'a [u8],
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// The folder that contains all entries, with a slash at the end.
    folder: String,
    /// Entries whose checksum has been verified.
    checked: BTreeMap<String, Range<usize>>,
}

impl<'a> Container<'a> {
    /// Reads a file; `None` if it does not begin like a PyTorch file.
    pub fn parse(bytes: &'a [u8]) -> Result<Option<Self>, ExchangeError> {
        // The length of a safetensors file's header can look like the first byte of a pickle.
        let is_pickle = bytes.first() == Some(&0x80) && bytes.get(8) != Some(&b'{');
        if bytes.starts_with(b"PK") {
            zipped(bytes).map(Some)
        } else if is_pickle || bytes.starts_with(MAGIC_LINE) || is_text_pickle(bytes)? {
            legacy(bytes).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The size of the file.
    pub fn len(&self) -> usize {
        match &self.storages {
            Storages::Zip(archive) => archive.bytes.len(),
            Storages::Legacy(bytes, _) => bytes.len(),
        }
    }

    /// The bytes of a storage. Their number must match its elements.
    pub fn bytes(&mut self, storage: &Storage) -> Result<&'a [u8], ExchangeError> {
        let expected = size(storage)?;
        let key = &storage.key;
        let found = match &mut self.storages {
            Storages::Zip(archive) => archive.entry(&format!("data/{key}"))?,
            Storages::Legacy(bytes, places) => {
                let place = places.get(key).cloned();
                &bytes[place.ok_or_else(|| damaged(format!("it has no storage {key}")))?]
            }
        };
        if found.len() != expected {
            return Err(damaged(format!(
                "storage {key} has {} bytes, expected {expected} ({} elements of a {})",
                found.len(),
                storage.len,
                storage.class
            )));
        }
        Ok(found)
    }
}

/// Whether the bytes are a pickle in protocol 0 or 1. Such a pickle has no magic number: its first bytes
/// could begin any text.
fn is_text_pickle(bytes: &[u8]) -> Result<bool, ExchangeError> {
    let (Some(first), Some(b'.')) = (bytes.first(), bytes.last()) else {
        return Ok(false);
    };
    match b"c(}]"
        .contains(first)
        .then(|| pickle::read(&mut Heap::new(), bytes))
    {
        Some(Ok(_)) => Ok(true),
        Some(Err(fault @ Fault::Global(_))) => Err(fault.into()),
        Some(Err(Fault::Pickle(_))) | None => Ok(false),
    }
}

fn damaged(why: impl Into<String>) -> ExchangeError {
    Fault::new(why).into()
}

impl<'a> Archive<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, ExchangeError> {
        let fault = |e| damaged(format!("the zip archive is damaged: {e}"));
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(fault)?;
        let names: Result<BTreeSet<String>, _> = zip
            .file_names()
            .map(|name| name.map(std::borrow::Cow::into_owned))
            .collect();
        let names = names.map_err(fault)?;
        let mut pickles = names
            .iter()
            .filter_map(|name| name.strip_suffix("data.pkl"))
            .filter(|folder| folder.is_empty() || folder.ends_with('/'));
        let folder = match (pickles.next(), pickles.next()) {
            (Some(folder), None) => folder.to_owned(),
            (None, _) => {
                return Err(ExchangeError::Foreign {
                    what: other_archive(&names),
                });
            }
            _ => return Err(damaged("the zip archive has more than one data.pkl")),
        };
        if names.contains(&format!("{folder}constants.pkl")) {
            return Err(ExchangeError::Foreign { what: TORCHSCRIPT });
        }
        Ok(Self {
            bytes,
            zip,
            folder,
            checked: BTreeMap::new(),
        })
    }

    /// The bytes of an entry. The first read verifies their checksum.
    fn entry(&mut self, name: &str) -> Result<&'a [u8], ExchangeError> {
        let name = format!("{}{name}", self.folder);
        if let Some(place) = self.checked.get(&name) {
            return Ok(&self.bytes[place.clone()]);
        }
        let fault =
            |e: &dyn std::fmt::Display| damaged(format!("entry {name} of the zip archive: {e}"));
        let mut entry = self.zip.by_name(&name).map_err(|e| fault(&e))?;
        if entry.compression() != CompressionMethod::Stored {
            return Err(fault(&"it is compressed, which torch.save never does"));
        }
        let start = entry
            .data_start()
            .and_then(|start| usize::try_from(start).ok());
        let end = start.zip(usize::try_from(entry.size()).ok());
        let place = end.and_then(|(start, size)| Some(start..start.checked_add(size)?));
        let outside = || fault(&"it lies outside the file");
        let place = place.ok_or_else(outside)?;
        let found = self.bytes.get(place.clone()).ok_or_else(outside)?;
        // PyTorch has an option to write no checksums; then they are zero.
        if entry.crc32() != 0 {
            let checked = std::io::copy(&mut entry.by_ref(), &mut std::io::sink());
            checked.map_err(|e| fault(&e))?;
        }
        drop(entry);
        self.checked.insert(name, place);
        Ok(found)
    }

    fn optional(&mut self, name: &str) -> Result<Option<&'a [u8]>, ExchangeError> {
        match self.zip.index_for_name(&format!("{}{name}", self.folder)) {
            Some(_) => self.entry(name).map(Some),
            None => Ok(None),
        }
    }
}

const TORCHSCRIPT: &str =
    "a TorchScript program: in Python, save torch.jit.load(file).state_dict()";

fn other_archive(names: &BTreeSet<String>) -> &'static str {
    let has = |end: &str| names.iter().any(|name| name.ends_with(end));
    if has("config.json") && has("model.weights.h5") {
        "a model of Keras (.keras): read it with --from keras"
    } else if has(".npy") {
        "a NumPy archive (.npz)"
    } else if has("models/model.json") {
        "a program of torch.export (.pt2): save the module's state_dict() instead"
    } else {
        "a zip archive without data.pkl, which torch.save always writes"
    }
}

fn zipped(bytes: &[u8]) -> Result<Container<'_>, ExchangeError> {
    let mut archive = Archive::open(bytes)?;
    match archive.optional("byteorder")? {
        None | Some(b"little") => {}
        Some(_) => return Err(damaged(BIG_ENDIAN)),
    }
    let mut heap = Heap::new();
    let (root, _) = pickle::read(&mut heap, archive.entry("data.pkl")?)?;
    Ok(Container {
        heap,
        root,
        storages: Storages::Zip(Box::new(archive)),
    })
}

const BIG_ENDIAN: &str = "its numbers are big-endian; save it again on a usual machine";
/// The first pickle of a file from before PyTorch 1.6: its magic number, in pickle protocols 2 and 0.
const MAGIC: &[u8] = &[
    0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, b'.',
];
const MAGIC_LINE: &[u8] = b"L119547037146038801333356L\n.";

/// Reads five pickles (magic number, version, system, object, keys of the storages), then the storages,
/// each preceded by its number of elements.
fn legacy(bytes: &[u8]) -> Result<Container<'_>, ExchangeError> {
    let mut heap = Heap::new();
    let mut at = 0;
    let mut next = |heap: &mut Heap| -> Result<(Id, Range<usize>), ExchangeError> {
        let (object, len) = pickle::read(heap, &bytes[at..])?;
        at += len;
        Ok((object, at - len..at))
    };
    let (root, magic) = next(&mut heap)?;
    let magic = &bytes[magic];
    if !magic.ends_with(MAGIC) && magic != MAGIC_LINE {
        return Ok(Container {
            heap,
            root,
            storages: Storages::Legacy(bytes, BTreeMap::new()),
        });
    }
    let (version, _) = next(&mut heap)?;
    if heap.size(version) != Some(1001) {
        return Err(damaged("its version is not 1001"));
    }
    let (machine, _) = next(&mut heap)?;
    let little = heap.entry(machine, "little_endian").map(|id| heap.get(id));
    match little {
        Some(Node::Bool(true)) => {}
        Some(Node::Bool(false)) => return Err(damaged(BIG_ENDIAN)),
        _ => {
            return Err(damaged(
                "it does not say whether its numbers are little-endian",
            ));
        }
    }
    let (root, _) = next(&mut heap)?;
    let (keys, keys_at) = next(&mut heap)?;
    let places = places(&heap, keys, &bytes[keys_at.end..], keys_at.end)?;
    Ok(Container {
        heap,
        root,
        storages: Storages::Legacy(bytes, places),
    })
}

/// The position of each storage's elements; `start` is the offset of `bytes` in the file.
fn places(
    heap: &Heap,
    keys: Id,
    mut bytes: &[u8],
    start: usize,
) -> Result<BTreeMap<String, Range<usize>>, ExchangeError> {
    let mut sizes = BTreeMap::new();
    for storage in heap.storages() {
        let size = size(storage)?;
        if sizes
            .insert(storage.key.as_str(), (storage.len, size))
            .is_some_and(|other| other.1 != size)
        {
            return Err(damaged(format!("storage {} has two sizes", storage.key)));
        }
    }
    let whole = bytes.len();
    let mut places = BTreeMap::new();
    for &key in heap.elements(keys).unwrap_or_default() {
        let key = heap
            .text(key)
            .ok_or_else(|| damaged("the key of a storage is no text"))?;
        let missing = || damaged(format!("it ends in the middle of storage {key}"));
        let (head, rest) = bytes.split_first_chunk().ok_or_else(missing)?;
        let &(len, size) = sizes
            .get(key)
            .ok_or_else(|| damaged(format!("no tensor uses storage {key}")))?;
        if u64::from_le_bytes(*head) != len as u64 {
            let found = u64::from_le_bytes(*head);
            return Err(damaged(format!(
                "storage {key} has {found} elements, expected {len}"
            )));
        }
        let at = start + whole - rest.len();
        bytes = rest.get(size..).ok_or_else(missing)?;
        if places.insert(key.to_owned(), at..at + size).is_some() {
            return Err(damaged(format!("storage {key} is there twice")));
        }
    }
    Ok(places)
}
