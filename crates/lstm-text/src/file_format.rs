//! Recognises files that are not text by their first bytes.

/// A file format that is not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileFormat {
    /// Its name with an article, for example `a PNG image`.
    pub name: &'static str,
    /// How to get text out of it.
    pub remedy: &'static str,
}

const MODEL: &str = "a model belongs to `--model` or `lstm import`; give a text file here";
const SAVE: &str = "save it as plain text first";
const EXPORT: &str = "write its text to a file first";
const UNZIP: &str = "unpack it, and give the text inside";

/// First bytes, the name of the format, and the remedy.
const FORMATS: [(&[u8], &str, &str); 21] = [
    (b"\x1F\x8B", "a gzip file", "unpack it: `gunzip`"),
    (b"BZh", "a bzip2 file", "unpack it: `bunzip2`"),
    (b"\xFD7zXZ\0", "an xz file", "unpack it: `unxz`"),
    (
        b"\x28\xB5\x2F\xFD",
        "a Zstandard file",
        "unpack it: `unzstd`",
    ),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", UNZIP),
    (b"Rar!\x1A\x07", "a RAR archive", UNZIP),
    (b"\x89HDF\r\n\x1A\n", "an HDF5 file, as Keras saves", MODEL),
    (b"\x93NUMPY", "a NumPy array", EXPORT),
    (b"PAR1", "a Parquet file", EXPORT),
    (b"ARROW1", "an Arrow file", EXPORT),
    (b"SQLite format 3\0", "an SQLite database", EXPORT),
    (b"%PDF-", "a PDF document", "extract its text: `pdftotext`"),
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        "an old Word or Excel document",
        SAVE,
    ),
    (b"\x89PNG\r\n\x1A\n", "a PNG image", "give a text file"),
    (b"\xFF\xD8\xFF", "a JPEG image", "give a text file"),
    (b"GIF87a", "a GIF image", "give a text file"),
    (b"GIF89a", "a GIF image", "give a text file"),
    (b"RIFF", "a sound, a film or an image", "give a text file"),
    (b"OggS", "a sound or a film", "give a text file"),
    (b"\x7FELF", "a program", "give a text file"),
    (b"MZ\x90\0", "a program for Windows", "give a text file"),
];

/// The format of a file that is not text; `None` if its first bytes match no known format.
///
/// ```
/// let format = lstm_text::file_format(b"\x89PNG\r\n\x1A\n\0\0").unwrap();
/// assert_eq!(format.name, "a PNG image");
/// assert_eq!(lstm_text::file_format("月光".as_bytes()), None);
/// ```
pub fn file_format(bytes: &[u8]) -> Option<FileFormat> {
    let known = FORMATS.iter().find(|(first, ..)| bytes.starts_with(first));
    let (name, remedy) = match *bytes {
        _ if known.is_some() => known.map(|&(_, name, remedy)| (name, remedy))?,
        [b'P', b'K', 3, 4, ..] => zip(bytes),
        [0x80, 2..=5, ..] => ("a Python pickle, as old PyTorch versions save", MODEL),
        _ if is_safetensors(bytes) => ("a safetensors file", MODEL),
        // The version of the format, then the string with the name of the producer or the graph.
        [8, 3..=30, 0x12 | 0x1A | 0x3A, ..] => ("an ONNX model", MODEL),
        _ => return None,
    };
    Some(FileFormat { name, remedy })
}

/// Many formats are zip archives; the name of the first file in the archive identifies the format.
fn zip(bytes: &[u8]) -> (&'static str, &'static str) {
    let len = bytes
        .get(26..28)
        .map_or(0, |n| u16::from_le_bytes([n[0], n[1]]));
    let name = bytes.get(30..30 + usize::from(len)).unwrap_or_default();
    let name = String::from_utf8_lossy(name);
    match &*name {
        "metadata.json" | "config.json" | "model.weights.h5" => ("a .keras file", MODEL),
        "[Content_Types].xml" | "_rels/.rels" => ("a Word or Excel document", SAVE),
        "mimetype" => ("an OpenDocument file or an e-book", SAVE),
        name if name.ends_with("data.pkl") || name.ends_with(".format_version") => {
            ("a PyTorch file of torch.save", MODEL)
        }
        name if name.ends_with(".npy") => ("a file of NumPy arrays", EXPORT),
        _ => ("a zip archive", UNZIP),
    }
}

/// A safetensors file begins with the length of its header, then the header, a JSON object.
fn is_safetensors(bytes: &[u8]) -> bool {
    let Some((len, header)) = bytes.split_first_chunk::<8>() else {
        return false;
    };
    header.first() == Some(&b'{') && u64::from_le_bytes(*len) <= header.len() as u64
}

/// The name in `iconv` of the encoding, if the bytes look like UTF-16 or UTF-32 without a byte-order
/// mark. They must decode to characters without control characters, and contain line ends or be mostly
/// ASCII. If several encodings qualify, the one with the most ASCII characters is chosen.
pub(crate) fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    let utf16 = |read: fn([u8; 2]) -> u16| {
        let (units, rest) = bytes.as_chunks::<2>();
        let units = units.iter().map(|&unit| read(unit));
        ascii(rest, char::decode_utf16(units).map(Result::ok))
    };
    let utf32 = |read: fn([u8; 4]) -> u32| {
        let (units, rest) = bytes.as_chunks::<4>();
        ascii(rest, units.iter().map(|&unit| char::from_u32(read(unit))))
    };
    let found = [
        ("UTF-32LE", utf32(u32::from_le_bytes)),
        ("UTF-32BE", utf32(u32::from_be_bytes)),
        ("UTF-16LE", utf16(u16::from_le_bytes)),
        ("UTF-16BE", utf16(u16::from_be_bytes)),
    ];
    let found = found.into_iter().filter(|(_, ascii)| ascii.is_some());
    found.max_by_key(|&(_, ascii)| ascii).map(|(name, _)| name)
}

/// How many of the characters are ASCII; `None` if they do not look like text, or if there are left-over
/// bytes (`rest`).
fn ascii(rest: &[u8], characters: impl Iterator<Item = Option<char>>) -> Option<usize> {
    let (mut all, mut ascii, mut has_lines) = (0, 0, false);
    for character in characters {
        let character = character?;
        if character.is_control() && !matches!(character, '\t' | '\n' | '\r') {
            return None;
        }
        all += 1;
        ascii += usize::from(character.is_ascii());
        has_lines |= character == '\n';
    }
    (rest.is_empty() && (has_lines || 2 * ascii > all)).then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(bytes: &[u8]) -> &'static str {
        file_format(bytes).map_or("none", |format| format.name)
    }

    fn zip_of(first: &str) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.resize(26, 0);
        bytes.extend((first.len() as u16).to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(first.as_bytes());
        bytes
    }

    #[test]
    fn models_of_every_framework_are_known() {
        assert_eq!(
            name(&zip_of("base/data.pkl")),
            "a PyTorch file of torch.save"
        );
        assert_eq!(name(&zip_of("metadata.json")), "a .keras file");
        assert_eq!(
            name(b"\x80\x02\x8a\x0a\x6c\xfc"),
            "a Python pickle, as old PyTorch versions save"
        );
        assert_eq!(name(b"\x02\0\0\0\0\0\0\0{}"), "a safetensors file");
        assert_eq!(name(b"\x08\x07\x12\x07pytorch"), "an ONNX model");
        assert_eq!(name(b"\x89HDF\r\n\x1a\n\0"), "an HDF5 file, as Keras saves");
    }

    #[test]
    fn archives_and_documents_are_known_by_their_first_file() {
        assert_eq!(name(&zip_of("a.txt")), "a zip archive");
        assert_eq!(name(&zip_of("arr_0.npy")), "a file of NumPy arrays");
        assert_eq!(
            name(&zip_of("[Content_Types].xml")),
            "a Word or Excel document"
        );
        assert_eq!(
            name(&zip_of("mimetype")),
            "an OpenDocument file or an e-book"
        );
        assert_eq!(name(b"PK\x03\x04"), "a zip archive");
    }

    #[test]
    fn a_safetensors_header_has_to_fit_into_the_file() {
        assert_eq!(name(b"\x03\0\0\0\0\0\0\0{}"), "none");
        assert_eq!(name(b"\x02\0\0\0\0\0\0\0"), "none");
    }

    #[test]
    fn utf16_and_utf32_are_known_without_a_mark() {
        for text in ["the cat\n", "一夜好风吹\n", "a", "naïve 🌙\r\n"] {
            let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(wide_encoding(&le), Some("UTF-16LE"), "{text}");
            assert_eq!(wide_encoding(&be), Some("UTF-16BE"), "{text}");
            let le: Vec<u8> = text
                .chars()
                .flat_map(|c| u32::from(c).to_le_bytes())
                .collect();
            assert_eq!(wide_encoding(&le), Some("UTF-32LE"), "{text}");
        }
        assert_eq!(wide_encoding(b"a\nb\0"), None);
        assert_eq!(wide_encoding(b"a\0b"), None);
    }
}
