//! What the names and shapes of tensors say, and what they leave open.

use super::build::{
    D, H, V, model, network, read_with, renamed, safetensors, said, said_with, shaped,
};
use lstm_exchange::pytorch::{PytorchOptions, from_pytorch, to_pytorch};
use lstm_exchange::{ExchangeError, GivenVocabulary, PADDING, Tensor, Tensors};

/// A model whose sizes are all the same, without an embedding.
fn square() -> Tensors {
    let mut all = shaped(&[
        ("rnn.weight_ih_l0", &[4 * V, V]),
        ("rnn.weight_hh_l0", &[4 * V, V]),
        ("decoder.weight", &[V, V]),
        ("decoder.bias", &[V]),
    ]);
    all.insert(
        "rnn.bias_ih_l0".into(),
        Tensor::new(&[4 * V], vec![0.5; 4 * V]),
    );
    all.insert(
        "rnn.bias_hh_l0".into(),
        Tensor::new(&[4 * V], vec![0.25; 4 * V]),
    );
    all
}

fn one_hot() -> PytorchOptions {
    PytorchOptions {
        is_one_hot: true,
        ..PytorchOptions::default()
    }
}

#[test]
fn a_name_that_the_metadata_maps_to_another_is_that_tensor() {
    let file = |metadata: &[(&str, &str)]| safetensors(&square(), metadata);
    let mut both = square();
    both.insert("encoder.weight".into(), square()["decoder.weight"].clone());
    let tied = network(&safetensors(&both, &[]));
    let alias = ("encoder.weight", "decoder.weight");
    assert_eq!(network(&file(&[alias])), tied);
    assert_eq!(
        network(&file(&[
            alias,
            ("format", "pt"),
            ("note", "decoder.weight"),
            ("weights", "of May")
        ])),
        tied
    );
    assert_eq!(
        network(&file(&[
            ("encoder.weight", "b.weight"),
            ("b.weight", "c.weight"),
            ("c.weight", "decoder.weight")
        ]))
        .embedding,
        tied.embedding
    );
}

#[test]
fn a_chain_of_names_leads_somewhere_and_nowhere_else() {
    let said = |metadata: &[(&str, &str)]| said(&safetensors(&square(), metadata));
    for (metadata, why) in [
        (
            &[("encoder.weight", "gone.weight")][..],
            "stands for the tensor gone.weight, which the file does not have",
        ),
        (
            &[("a.weight", "b.weight"), ("b.weight", "a.weight")],
            "leads in a circle",
        ),
        (&[("a.weight", "a.weight")], "leads in a circle"),
        (
            &[("a.weight", "b.weight"), ("b.weight", "no name")],
            "is no tensor",
        ),
        (
            &[("decoder.bias", "decoder.weight")],
            "but the file has another decoder.bias",
        ),
    ] {
        let said = said(metadata);
        assert!(
            said.starts_with("metadata ") && said.contains(why),
            "{said}"
        );
    }
}

#[test]
fn names_for_tensors_of_a_file_have_an_end() {
    let mut chain: Vec<_> = (0..100)
        .map(|n| (format!("{n}.weight"), format!("{}.weight", n + 1)))
        .collect();
    chain[99].1 = "decoder.weight".into();
    let star: Vec<_> = (0..1000)
        .map(|n| (format!("{n}.weight"), "decoder.weight".to_owned()))
        .collect();
    for (all, why) in [
        (chain, "through more than 64 names"),
        (star, "too many names"),
    ] {
        let all: Vec<_> = all.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let said = said(&safetensors(&square(), &all));
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_missing_embedding_is_no_one_hot_input() {
    let file = safetensors(&square(), &[]);
    assert!(said(&file).contains("V, D and H are all 5") && said(&file).contains("--one-hot"));
    let model = read_with(&file, one_hot()).unwrap();
    assert_eq!(model.network.config().embed_size, 0);
    // A file of this crate says that there is no embedding.
    let own = to_pytorch(&model).unwrap();
    assert_eq!(from_pytorch(&own, None).unwrap().network, model.network);

    let mut without = self::model();
    without.remove("encoder.weight");
    let file = safetensors(&without, &[]);
    for said in [said(&file), said_with(&file, one_hot())] {
        assert!(said.contains("the embedding (5, 3) is missing: apart from the LSTM, the file holds only decoder.weight [5, 4]"), "{said}");
    }
    let whole = safetensors(&self::model(), &[]);
    assert!(
        said_with(&whole, one_hot())
            .contains("one-hot input beside an embedding (encoder.weight [5, 3])")
    );
}

#[test]
fn an_lstm_over_one_hot_input_of_another_size_needs_no_word() {
    let one_hot = shaped(&[
        ("rnn.weight_ih_l0", &[4 * H, V]),
        ("rnn.weight_hh_l0", &[4 * H, H]),
        ("fc.weight", &[V, H]),
        ("fc.bias", &[V]),
    ]);
    assert_eq!(network(&safetensors(&one_hot, &[])).config().embed_size, 0);
}

#[test]
fn a_square_matrix_is_an_embedding_only_by_its_name() {
    let mut all = square();
    all.insert("x.weight".into(), Tensor::new(&[V, V], vec![0.5; V * V]));
    assert!(
        said(&safetensors(&all, &[]))
            .contains("x.weight [5, 5] can be an embedding or a linear layer")
    );
    for name in [
        "embed",
        "embedding",
        "char_emb",
        "encoder",
        "word_embeddings",
        "emb1",
    ] {
        let named = renamed(&all, &[("x.", &format!("{name}."))]);
        assert_eq!(
            network(&safetensors(&named, &[])).config().embed_size,
            V,
            "{name}"
        );
    }
}

#[test]
fn what_stands_between_the_parts_is_named() {
    let with = |more: &[(&str, &[usize])]| {
        let mut all = model();
        all.extend(shaped(more));
        said(&safetensors(&all, &[]))
    };
    for (more, name) in [
        (
            &[("norm.weight", &[H][..]), ("norm.bias", &[H])][..],
            "norm.weight [4]",
        ),
        (
            &[("hidden.weight", &[H, H]), ("hidden.bias", &[H])],
            "hidden.weight [4, 4]",
        ),
        (&[("second.weight", &[V, D])], "second.weight [5, 3]"),
        (&[("scale", &[1])], "tensor scale"),
        (
            &[("attention.in_proj_weight", &[3 * H, H])],
            "tensor attention.in_proj_weight",
        ),
        (
            &[("rnn.weight_ih_l0_reverse", &[4 * H, D])],
            "a bidirectional LSTM",
        ),
        (
            &[("rnn.weight_hr_l0", &[2, H])],
            "an LSTM with a projection",
        ),
        (
            &[("rnn.weight_hh_l0_raw", &[4 * H, H])],
            "a weight that is computed from others",
        ),
    ] {
        let said = with(more);
        assert!(said.contains(name), "{name}: {said}");
    }
}

#[test]
fn a_tensor_that_is_missing_is_named() {
    for (gone, missing) in [
        ("rnn.bias_ih_l0", "rnn.bias_ih_l0"),
        ("rnn.bias_hh_l0", "rnn.bias_hh_l0"),
        ("rnn.weight_ih_l0", "rnn.weight_ih_l0"),
        ("decoder.weight", "decoder.weight"),
    ] {
        let mut all = model();
        all.remove(gone);
        assert_eq!(
            said(&safetensors(&all, &[])),
            format!("tensor {missing} is missing")
        );
    }
}

#[test]
fn a_transposed_embedding_is_refused() {
    let mut all = model();
    let turned = all["encoder.weight"].to_matrix().transpose();
    all.insert("encoder.weight".into(), Tensor::from_matrix(&turned));
    assert!(said(&safetensors(&all, &[])).starts_with("no way to read decoder.weight [5, 4]"));
}

#[test]
fn without_biases_usual_names_tell_the_embedding_from_the_head() {
    let alike = shaped(&[
        ("rnn.weight_ih", &[4 * H, H]),
        ("rnn.weight_hh", &[4 * H, H]),
        ("encoder.weight", &[V, H]),
        ("decoder.weight", &[V, H]),
    ]);
    let strict = renamed(&alike, &[("encoder", "embed"), ("decoder", "head")]);
    assert_eq!(
        network(&safetensors(&alike, &[])),
        network(&safetensors(&strict, &[]))
    );
    let mut unknown = renamed(&alike, &[("encoder", "x"), ("decoder", "y")]);
    assert!(said(&safetensors(&unknown, &[])).starts_with("two ways"));
    // Tied, they are the same in either role.
    unknown.insert("y.weight".into(), unknown["x.weight"].clone());
    let tied = renamed(&unknown, &[("x", "head"), ("y", "embed")]);
    assert_eq!(
        network(&safetensors(&unknown, &[])),
        network(&safetensors(&tied, &[]))
    );
}

#[test]
fn prefixes_of_wrappers_do_not_matter() {
    let plain = network(&safetensors(&model(), &[]));
    for prefix in ["module.", "_orig_mod.", "model.", "model._orig_mod.module."] {
        let wrapped = model()
            .into_iter()
            .map(|(name, tensor)| (format!("{prefix}{name}"), tensor));
        assert_eq!(
            network(&safetensors(&wrapped.collect(), &[])),
            plain,
            "{prefix}"
        );
    }
}

#[test]
fn several_lstms_are_a_stack_if_they_are_numbered_or_named_in_order() {
    let mut two = model();
    two.extend(shaped(&[
        ("top.weight_ih_l0", &[4 * H, H]),
        ("top.weight_hh_l0", &[4 * H, H]),
    ]));
    let one_module = network(&safetensors(
        &renamed(
            &two,
            &[
                ("top.weight_ih_l0", "rnn.weight_ih_l1"),
                ("top.weight_hh_l0", "rnn.weight_hh_l1"),
            ],
        ),
        &[],
    ));
    let list = renamed(&two, &[("rnn.", "rnns.0."), ("top.", "rnns.1.")]);
    assert_eq!(network(&safetensors(&list, &[])), one_module);
    let cells = renamed(
        &list,
        &[("rnns.0", "cell1"), ("rnns.1", "cell2"), ("_l0", "")],
    );
    assert_eq!(network(&safetensors(&cells, &[])), one_module);

    let file = safetensors(&two, &[]);
    assert!(
        said(&file)
            .starts_with("more than one LSTM: rnn, top; name those of the model, bottom first")
    );
    let named = |names: &[&str]| PytorchOptions {
        lstms: names.iter().map(|&name| name.into()).collect(),
        ..PytorchOptions::default()
    };
    assert_eq!(
        read_with(&file, named(&["rnn", "top"])).unwrap().network,
        one_module
    );
    assert_eq!(
        read_with(&file, named(&["rnn"])).unwrap().network,
        network(&safetensors(&model(), &[]))
    );
    assert!(said_with(&file, named(&["top", "rnn"])).starts_with("no way"));
}

/// A model of five ids, of which `row` is padding.
fn padded(row: usize) -> Vec<u8> {
    let mut all = model();
    all.get_mut("encoder.weight").unwrap().data[row * D..(row + 1) * D].fill(0.0);
    safetensors(&all, &[])
}

fn characters(file: &[u8], json: &str) -> Result<Vec<char>, ExchangeError> {
    let vocabulary = Some(GivenVocabulary::from_json(json)?);
    let model = read_with(
        file,
        PytorchOptions {
            vocabulary,
            ..PytorchOptions::default()
        },
    )?;
    assert_eq!(model.network, network(file));
    Ok(model.vocabulary.chars().to_vec())
}

#[test]
fn the_row_of_zeros_is_that_of_padding() {
    let first = [PADDING, 'a', 'b', 'c', 'd'];
    for json in [
        r#"{"a": 1, "b": 2, "c": 3, "d": 4}"#,
        r#"{"1": "a", "2": "b", "3": "c", "4": "d"}"#,
        r#"{"<pad>": 0, "a": 1, "b": 2, "c": 3, "d": 4}"#,
        r#"["<PAD>", "a", "b", "c", "d"]"#,
        r#"["", "a", "b", "c", "d"]"#,
        r#"["a", "b", "c", "d"]"#,
        r#""abcd""#,
    ] {
        assert_eq!(characters(&padded(0), json).unwrap(), first, "{json}");
    }
    let last = ['a', 'b', 'c', 'd', PADDING];
    for json in [r#""abcd""#, r#"{"a": 0, "b": 1, "c": 2, "d": 3}"#] {
        assert_eq!(characters(&padded(4), json).unwrap(), last, "{json}");
    }
}

#[test]
fn a_vocabulary_that_does_not_fit_is_refused() {
    let said = |file: &[u8], json: &str| characters(file, json).unwrap_err().to_string();
    let hint = r#"4 characters for 5 ids; if one id is padding, give it the entry "<pad>""#;
    // Its ids say that row 0 is a.
    assert!(said(&padded(0), r#"{"a": 0, "b": 1, "c": 2, "d": 3}"#).starts_with(hint));
    // No row of zeros.
    assert!(said(&safetensors(&model(), &[]), r#""abcd""#).starts_with(hint));
    assert!(
        said(&padded(0), r#"{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}"#)
            .contains("the vocabulary's ids begin at 1")
    );
    assert_eq!(said(&padded(0), r#""abc""#), "3 characters for 5 ids");
}
