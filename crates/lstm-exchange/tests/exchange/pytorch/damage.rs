//! Files that are damaged, or made to do damage.

use super::build::{
    View, dict, int, legacy, model, network, pickle, safetensors, said, saved, shaped, singles,
    state_dict, text, zipped,
};

type Change = fn(&mut View);

/// A file whose recurrent weight is this view.
fn with_view(change: impl Fn(&mut View)) -> Vec<u8> {
    let tensors = model();
    let entries: Vec<_> = tensors
        .iter()
        .map(|(name, tensor)| {
            let mut view = View::of(name, tensor);
            if name.contains("weight_hh") {
                change(&mut view);
            }
            (name.as_str(), view.pickle())
        })
        .collect();
    saved(&dict(&entries), &tensors)
}

#[test]
fn a_view_is_read_if_it_lies_in_its_storage() {
    let plain = network(&safetensors(&model(), &[]));
    assert_eq!(network(&with_view(|_| {})), plain);

    let mut turned = model();
    let w = turned["rnn.weight_hh_l0"].to_matrix().transpose();
    turned.insert(
        "rnn.weight_hh_l0".into(),
        lstm_exchange::Tensor::from_matrix(&w),
    );
    let entries: Vec<_> = turned
        .iter()
        .map(|(name, tensor)| {
            let mut view = View::of(name, tensor);
            if name.contains("weight_hh") {
                (view.shape, view.strides) = (vec![16, 4], vec![1, 16]);
            }
            (name.as_str(), view.pickle())
        })
        .collect();
    assert_eq!(network(&saved(&dict(&entries), &turned)), plain);
}

#[test]
fn a_view_that_does_not_is_refused() {
    let all: [(Change, &str); 12] = [
        (
            |v| v.offset = 1,
            "reaches beyond its storage of 64 elements",
        ),
        (|v| v.offset = -1, "arguments that do not fit"),
        (|v| v.offset = i128::from(i64::MAX), "reaches beyond"),
        (|v| v.strides[0] = 5, "reaches beyond"),
        (|v| v.strides[0] = -4, "arguments that do not fit"),
        (|v| v.strides[0] = i128::from(i64::MAX), "reaches beyond"),
        (|v| v.strides = vec![1], "arguments that do not fit"),
        (
            |v| (v.shape, v.strides) = (vec![1 << 40, 1 << 40], vec![0, 0]),
            "claim more numbers than the file has bytes",
        ),
        (
            |v| (v.shape, v.strides) = (vec![5, 16], vec![0, 1]),
            "has more numbers than its storage",
        ),
        (|v| v.shape[0] = 0, "an empty tensor"),
        (|v| v.len = 65, "has 256 bytes, expected 260"),
        (
            |v| v.len = i128::from(i64::MAX),
            "claims 9223372036854775807 elements",
        ),
    ];
    for (change, why) in all {
        let said = said(&with_view(change));
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_storage_that_is_not_there_or_of_another_type_is_refused() {
    let all: [(Change, &str); 6] = [
        (
            |v| v.key = "9".into(),
            "entry archive/data/9 of the zip archive",
        ),
        (
            |v| v.key = "../data.pkl".into(),
            "entry archive/data/../data.pkl of the zip archive",
        ),
        (|v| v.class = "DoubleStorage", "has 256 bytes, expected 512"),
        (
            |v| (v.class, v.len) = ("CharStorage", 256),
            "tensor rnn.weight_hh_l0 has type Char",
        ),
        (
            |v| (v.class, v.len) = ("ComplexFloatStorage", 32),
            "has type ComplexFloat",
        ),
        (
            |v| v.class = "StrangeStorage",
            "is a StrangeStorage, which is not read",
        ),
    ];
    for (change, why) in all {
        let said = said(&with_view(change));
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_file_cut_short_is_refused() {
    let tensors = model();
    let archive = saved(&state_dict(&tensors), &tensors);
    let old = legacy(&pickle(&state_dict(&tensors)), &tensors, true);
    assert_eq!(network(&archive), network(&safetensors(&tensors, &[])));
    assert_eq!(network(&old), network(&archive));
    for file in [archive, old] {
        for end in (0..file.len()).step_by(7) {
            assert!(
                super::build::read(&file[..end]).is_err(),
                "cut to {end} of {}",
                file.len()
            );
        }
    }
}

#[test]
fn a_changed_byte_of_a_storage_is_noticed() {
    let tensors = model();
    let mut archive = saved(&state_dict(&tensors), &tensors);
    let numbers = singles(&tensors["decoder.weight"]);
    let at = archive
        .windows(numbers.len())
        .position(|bytes| bytes == numbers)
        .unwrap();
    archive[at] ^= 1;
    assert!(
        said(&archive)
            .contains("entry archive/data/decoder.weight of the zip archive: Invalid checksum")
    );
}

#[test]
fn another_byte_order_is_refused() {
    let tensors = model();
    let object = pickle(&state_dict(&tensors));
    assert!(said(&legacy(&object, &tensors, false)).contains("big-endian"));
    let archive = zipped(&[("archive/data.pkl", &object), ("archive/byteorder", b"big")]);
    assert!(said(&archive).contains("big-endian"));
}

#[test]
fn a_compressed_entry_is_refused_before_it_is_unpacked() {
    let tensors = model();
    let mut archive = saved(&state_dict(&tensors), &tensors);
    // The entry's compression method: 8, deflate.
    for (signature, method) in [(b"PK\x03\x04", 8), (b"PK\x01\x02", 10)] {
        let starts: Vec<usize> = (0..archive.len() - 4)
            .filter(|&n| archive[n..n + 4] == *signature)
            .collect();
        starts.into_iter().for_each(|n| archive[n + method] = 8);
    }
    let said = said(&archive).to_lowercase();
    assert!(said.contains("compress"), "{said}");
}

#[test]
fn one_storage_under_many_names_has_an_end() {
    let big = shaped(&[("w", &[100_000])]);
    let names: Vec<String> = (0..1000).map(|n| format!("{n}.weight_hh_l0")).collect();
    let view = View::of("w", &big["w"]).pickle();
    // The view is made once, and fetched from the memo for every name.
    let entries = names
        .iter()
        .map(|name| [text(name), b"h\x01".to_vec()].concat());
    let code = [
        &view,
        &b"q\x010}("[..],
        &entries.collect::<Vec<_>>().concat(),
        b"u",
    ]
    .concat();
    assert!(said(&saved(&code, &big)).contains("claim more numbers than the file has bytes"));
}

#[test]
fn dicts_within_themselves_have_an_end() {
    let circle = b"]q\x01h\x01a".to_vec();
    // Each list holds the one before it twice.
    let mut doubling = b"]q\0".to_vec();
    for n in 1..200_u8 {
        doubling.extend([b'0', b']', b'q', n, b'(', b'h', n - 1, b'h', n - 1, b'e']);
    }
    for code in [circle, doubling] {
        assert!(said(&pickle(&code)).contains("contains itself"));
    }
}

#[test]
fn two_tensors_of_one_name_are_refused() {
    let tensors = model();
    let entry = |view: View| [text("a.weight"), view.pickle()].concat();
    let view = View::of("encoder.weight", &tensors["encoder.weight"]);
    let other = View {
        offset: 1,
        shape: vec![2],
        strides: vec![1],
        ..view.clone()
    };
    let code = [&b"}("[..], &entry(view), &entry(other), b"u"].concat();
    assert!(said(&saved(&code, &tensors)).contains("two tensors of the name a.weight"));
}

#[test]
fn an_old_file_whose_sizes_contradict_each_other_is_refused() {
    let tensors = model();
    let object = pickle(&state_dict(&tensors));
    let mut file = legacy(&object, &tensors, true);
    let first = (tensors.values().next().unwrap().data.len() as u64).to_le_bytes();
    let data = singles(tensors.values().next().unwrap());
    let at = file
        .windows(8 + data.len())
        .position(|w| w[..8] == first && w[8..] == data)
        .unwrap();
    file[at] = 7;
    assert!(said(&file).contains("storage decoder.bias has 7 elements, expected 5"));

    let version = [
        &b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."[..],
        &pickle(&int(7)),
    ]
    .concat();
    assert!(said(&version).contains("its version is not 1001"));
}

#[test]
fn other_files_say_what_they_are() {
    let archive = |names: &[&str]| {
        zipped(
            &names
                .iter()
                .map(|name| (*name, &b""[..]))
                .collect::<Vec<_>>(),
        )
    };
    for (bytes, what) in [
        (
            archive(&["config.json", "model.weights.h5"]),
            "this file is a model of Keras (.keras)",
        ),
        (archive(&["arr_0.npy"]), "this file is a NumPy archive"),
        (
            archive(&["m/data.pkl", "m/constants.pkl", "m/code/__torch__.py"]),
            "this file is a TorchScript program",
        ),
        (
            archive(&["a.txt"]),
            "this file is a zip archive without data.pkl",
        ),
        (b"\x89HDF\r\n\x1a\n".to_vec(), "this file is an HDF5 file"),
        (b"{\"weight_map\": {}}".to_vec(), "this file is text"),
        (b"(A note.) Nothing else.".to_vec(), "this file is text"),
        (
            b"version https://git-lfs.github.com/spec/v1\n".to_vec(),
            "this file is a pointer of Git LFS",
        ),
        (Vec::new(), "this file is empty"),
        (pickle(&dict(&[])), "no LSTM"),
        (pickle(&state_dict(&model())), "it has no storage"),
    ] {
        let said = said(&bytes);
        assert!(said.contains(what), "{what}: {said}");
    }
}
