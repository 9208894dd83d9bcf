//! Recognises files of other formats by their first bytes.

/// First bytes, and the format that begins with them.
const BEGINNINGS: [(&[u8], &str); 14] = [
    (
        b"\x89HDF\r\n\x1a\n",
        "an HDF5 file, such as Keras writes: read Keras' weights with --from keras",
    ),
    (
        b"PK",
        "a zip archive, such as torch.save writes (.pt, .pth, .bin)",
    ),
    (b"\x1f\x8b", "compressed with gzip: unpack it first"),
    (b"BZh", "compressed with bzip2: unpack it first"),
    (b"\xfd7zXZ", "compressed with xz: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd: unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it first"),
    (b"GGUF", "a GGUF file, which holds no LSTM"),
    (b"\x93NUMPY", "an array of NumPy (.npy)"),
    (
        b"version https://git-lfs",
        "a pointer of Git LFS, not the file itself: fetch it with git lfs pull",
    ),
    (b"%PDF", "a PDF document"),
    (
        b"<!DOCTYPE",
        "a web page, not the file itself: the download went wrong",
    ),
    (
        b"<html",
        "a web page, not the file itself: the download went wrong",
    ),
    (
        b"L119547037146038801333356L",
        "a pickle, such as torch.save wrote before PyTorch 1.6",
    ),
];

/// What the bytes are, and what to do with them; `None` if their format is not known.
pub(crate) fn what_it_is(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_empty() {
        return Some("empty");
    }
    if let Some((_, what)) = BEGINNINGS
        .iter()
        .find(|(start, _)| bytes.starts_with(start))
    {
        return Some(what);
    }
    if bytes.get(8) == Some(&b'{') && bytes[4..8] == [0; 4] {
        return Some("a safetensors file: read it with --from pytorch");
    }
    if bytes[0] == 0x80 && bytes.get(1).is_some_and(|&protocol| protocol <= 5) {
        return Some("a pickle, such as torch.save wrote before PyTorch 1.6");
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Some(
            "a tar archive: unpack it first, or save the weights again with a newer PyTorch",
        );
    }
    // Field 1 of the message, the format's version; then the producer's name or the graph.
    if bytes[0] == 0x08
        && bytes.get(1).is_some_and(|&version| version < 32)
        && bytes
            .get(2)
            .is_some_and(|field| [0x12, 0x3a].contains(field))
    {
        return Some("an ONNX model: read it with --from onnx");
    }
    let start = &bytes[..bytes.len().min(512)];
    let is_text = |byte: &u8| *byte >= b' ' || b"\t\n\r".contains(byte);
    match std::str::from_utf8(start) {
        Ok(_) if start.iter().all(is_text) => Some("text"),
        Err(e) if e.error_len().is_none() && start.iter().all(is_text) => Some("text"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_kind_is_told_by_its_first_bytes() {
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for (bytes, what) in [
            (&b"\x89HDF\r\n\x1a\n\0"[..], Some("an HDF5 file")),
            (b"PK\x03\x04", Some("a zip archive")),
            (b"\x80\x02}q\0.", Some("a pickle")),
            (b"\x80\0\0\0\0\0\0\0{\"a\"", Some("a safetensors file")),
            (b"\x1f\x8b\x08", Some("compressed with gzip")),
            (b"\x08\x08\x12\x07pytorch", Some("an ONNX model")),
            (
                b"version https://git-lfs.github.com/spec/v1",
                Some("a pointer"),
            ),
            (b"{\"weight_map\": {}}", Some("text")),
            ("é".repeat(300).as_bytes(), Some("text")),
            (&[b'a', 0xc3][..], Some("text")),
            (&tar, Some("a tar archive")),
            (b"", Some("empty")),
            (b"\x00\x01\x02", None),
            (b"\xff\xfe", None),
        ] {
            let found = what_it_is(bytes);
            assert!(
                found.is_some() == what.is_some()
                    && found.unwrap_or("").starts_with(what.unwrap_or("")),
                "{bytes:?}: {found:?}"
            );
        }
    }
}
