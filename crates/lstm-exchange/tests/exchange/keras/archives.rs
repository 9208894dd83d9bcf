//! `.keras` files as zip archives: packed again, damaged, hostile.

use super::made::{
    assert_read, dense, embedding, keras, lstm, model, refused, sequential, vocabulary,
    weights_file, zip,
};
use lstm_exchange::CharModel;
use lstm_exchange::keras::from_keras;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn parts() -> (CharModel, String, Vec<u8>) {
    let model = model(5, 5, 1);
    let config = sequential(vec![embedding(), lstm("lstm"), dense()]).to_string();
    let weights = weights_file(&model, "sequential", &["layers/lstm"]).bytes();
    (model, config, weights)
}

#[test]
fn an_archive_is_read_compressed_or_not_and_with_assets() {
    let (expected, config, weights) = parts();
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let entries: [(&str, &[u8]); 3] = [
            ("model.weights.h5", &weights),
            ("assets/words/vocabulary.txt", b"a\nb"),
            ("config.json", config.as_bytes()),
        ];
        assert_read(&zip(&entries, method), &expected);
    }
}

#[test]
fn what_an_archive_lacks_is_named() {
    let (_, config, weights) = parts();
    let archive = |entries: &[(&str, &[u8])]| refused(&zip(entries, CompressionMethod::Stored));
    let said = archive(&[("archive/data.pkl", b"x")]);
    assert!(
        said.contains("without config.json") && said.contains("data.pkl"),
        "{said}"
    );
    assert!(archive(&[("model.weights.h5", &weights)]).contains("without config.json"));
    let numpy = [
        ("config.json", config.as_bytes()),
        ("model.weights.npz", &[]),
    ];
    assert!(archive(&numpy).contains("NumPy"));
    let junk: [(&str, &[u8]); 2] = [("config.json", b"{"), ("model.weights.h5", &weights)];
    assert!(archive(&junk).contains("its configuration is damaged"));
    let deep = "[".repeat(10_000);
    let deep: [(&str, &[u8]); 2] = [
        ("config.json", deep.as_bytes()),
        ("model.weights.h5", &weights),
    ];
    assert!(archive(&deep).contains("its configuration is damaged"));
    let junk: [(&str, &[u8]); 2] = [
        ("config.json", config.as_bytes()),
        ("model.weights.h5", b"junk"),
    ];
    assert!(archive(&junk).starts_with("not a Keras model"));
}

#[test]
fn entries_that_grow_too_much_are_not_read() {
    let (_, config, weights) = parts();
    let zeros = vec![b' '; 30 << 20];
    for entries in [
        [
            ("config.json", zeros.as_slice()),
            ("model.weights.h5", &weights),
        ],
        [
            ("config.json", config.as_bytes()),
            ("model.weights.h5", &zeros),
        ],
    ] {
        let said = refused(&zip(&entries, CompressionMethod::Deflated));
        assert!(
            said.contains("31457280 bytes") && said.contains("are not read"),
            "{said}"
        );
    }
    let names: Vec<String> = (0..1001).map(|n| n.to_string()).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert!(refused(&zip(&many, CompressionMethod::Stored)).contains("1001 entries"));
}

#[test]
fn a_size_that_is_a_lie_is_noticed() {
    let (_, config, weights) = parts();
    let entries: [(&str, &[u8]); 2] = [
        ("config.json", config.as_bytes()),
        ("model.weights.h5", &weights),
    ];
    let good = zip(&entries, CompressionMethod::Deflated);
    // The uncompressed size of the weights, in the local and in the central header.
    let size = (weights.len() as u32).to_le_bytes();
    let places: Vec<usize> = (0..good.len() - 4)
        .filter(|&n| good[n..n + 4] == size)
        .collect();
    assert_eq!(places.len(), 2);
    for lie in [10_u32, weights.len() as u32 + 10] {
        let mut bytes = good.clone();
        for &place in &places {
            bytes[place..place + 4].copy_from_slice(&lie.to_le_bytes());
        }
        let said = refused(&bytes);
        assert!(said.contains("model.weights.h5 in the archive"), "{said}");
    }
}

#[test]
fn names_that_lead_out_of_the_archive_are_refused() {
    let (_, config, weights) = parts();
    for name in [
        "../evil",
        "a/../../evil",
        "/etc/evil",
        "a\\..\\evil",
        "C:evil",
    ] {
        let entries: [(&str, &[u8]); 3] = [
            ("config.json", config.as_bytes()),
            ("model.weights.h5", &weights),
            (name, b"x"),
        ];
        let said = refused(&zip(&entries, CompressionMethod::Stored));
        assert!(said.contains("leads out of it"), "{name}: {said}");
    }
    let mut linked = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    linked.start_file("model.weights.h5", options).unwrap();
    linked.write_all(&weights).unwrap();
    linked
        .add_symlink("config.json", "/etc/passwd", options)
        .unwrap();
    let said = refused(&linked.finish().unwrap().into_inner());
    assert!(said.contains("leads out of it"), "{said}");
}

#[test]
fn two_entries_of_one_name_and_encrypted_ones_are_refused() {
    let (_, config, weights) = parts();
    let entries: [(&str, &[u8]); 3] = [
        ("config.json", config.as_bytes()),
        ("model.weights.h5", &weights),
        ("konfig.json", b"{}"),
    ];
    let good = zip(&entries, CompressionMethod::Stored);
    let renamed = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        while let Some(n) = bytes.windows(11).position(|name| name == b"konfig.json") {
            bytes[n] = b'c';
        }
        bytes
    };
    let said = refused(&renamed(&good));
    assert!(said.contains("ambiguous"), "{said}");
    // Bit 0 of the flags, behind the signature of a local and of a central header.
    let mut locked = good;
    for n in 0..locked.len() - 4 {
        match &locked[n..n + 4] {
            b"PK\x03\x04" => locked[n + 6] |= 1,
            b"PK\x01\x02" => locked[n + 8] |= 1,
            _ => {}
        }
    }
    let said = refused(&locked);
    assert!(said.contains("encrypted"), "{said}");
}

#[test]
fn a_damaged_archive_is_an_error_and_no_panic() {
    let (_, config, weights) = parts();
    let config = serde_json::from_str(&config).unwrap();
    let good = keras(&config, &weights);
    for end in (0..good.len()).step_by(good.len() / 40) {
        assert!(from_keras(&good[..end], Some(vocabulary())).is_err());
    }
    for place in (0..good.len()).step_by(97) {
        let mut bytes = good.clone();
        bytes[place] ^= 0x41;
        let _ = from_keras(&bytes, Some(vocabulary()));
    }
}
