//! Files that are not what a command expects: the message says what they are, and what to do.

use crate::tool::{LINE, Place, train_args};

const HEADER: &str = "# global.columns = ID FORM UP:PRED UP:ARGSPANS\n";

/// One sentence of CoNLL-U Plus in the columns of [`HEADER`].
fn sentence(id: usize, predicate: &str, spans: &str) -> String {
    format!(
        "# sent_id = s{id}\n1\tThe\t_\t_\n2\tnurse\t_\t_\n3\tsent\t{predicate}\t{spans}\n\
         4\ta\t_\t_\n5\tletter\t_\t_\n\n"
    )
}

/// Many good sentences.
fn sentences() -> String {
    (0..30)
        .map(|id| sentence(id, "send.01", "ARG0:1-2|ARG1:4-5"))
        .collect()
}

const SMALL: [&str; 10] = [
    "--out",
    "out",
    "--hidden",
    "8",
    "--embed",
    "4",
    "--threads",
    "1",
    "--steps",
    "2",
];

fn train_labeler<'a>(file: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    [
        &["label", "train", "--sentences", file],
        &SMALL[..],
        options,
    ]
    .concat()
}

fn train_translator<'a>(file: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    [
        &["translate", "train", "--pairs", file],
        &SMALL[..],
        options,
    ]
    .concat()
}

#[test]
fn a_text_in_another_encoding_is_shown_as_each_plausible_one_would_read_it() {
    let place = Place::new();
    place
        .write("cp1252.txt", b"The bell\x92s ring.\n")
        .write(
            "latin1.txt",
            b"Tr\xe8s bien, l\xe0-bas l'\xe9t\xe9 arrive.\n",
        )
        .write("gbk.txt", b"\xb4\xba\xc3\xdf\xb2\xbb\xbe\xf5\xcf\xfe\n")
        .write("utf16.txt", b"\xff\xfea\0b\0")
        .write("utf16le.txt", b"a\0b\0\n\0")
        .write("damaged.txt", &"春眠不觉晓处处闻啼鸟夜".as_bytes()[..32]);
    for (text, expected) in [
        (
            "cp1252.txt",
            "`iconv -f WINDOWS-1252 -t UTF-8` gives “The bell’s ring.”",
        ),
        (
            "latin1.txt",
            "`iconv -f WINDOWS-1252 -t UTF-8` gives “Très bien, là",
        ),
        ("gbk.txt", "`iconv -f GB18030 -t UTF-8` gives “春眠不觉晓”"),
        ("utf16.txt", "byte-order mark of UTF-16"),
        (
            "utf16le.txt",
            "looks like UTF-16LE without a byte-order mark",
        ),
        ("damaged.txt", "is UTF-8 with 1 place damaged"),
    ] {
        let mut args = train_args("out", &[]);
        args[2] = text;
        let message = place.fails(&args);
        assert!(
            message.starts_with(text) && message.contains(expected),
            "{message}"
        );
        let is_western = text.starts_with("cp") || text.starts_with("latin");
        assert!(!is_western || !message.contains("GB18030"), "{message}");
    }
}

#[test]
fn a_model_or_an_archive_given_as_a_text_is_named_as_what_it_is() {
    let place = Place::new();
    place.train("model", &["--steps", "1"]);
    place
        .write(
            "model.pt",
            b"PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0d\0\0\0base/data.pkl",
        )
        .write("old.bin", b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46")
        .write("text.txt.gz", b"\x1f\x8b\x08\0\0\0\0\0");
    for (text, what) in [
        ("model.pt", "a PyTorch file of torch.save"),
        ("old.bin", "a Python pickle"),
        (
            "text.txt.gz",
            "a gzip file, expected UTF-8 text; unpack it: `gunzip`",
        ),
        ("model/model.safetensors", "a safetensors file"),
    ] {
        let mut args = train_args("out", &[]);
        args[2] = text;
        let message = place.fails(&args);
        assert!(message.contains(what), "{message}");
        let message = place.fails(&train_translator(text, &[]));
        let unpacks = text.ends_with("gz");
        assert!(unpacks || message.contains(what), "{message}");
    }
}

#[test]
fn what_keeps_a_file_of_roles_from_being_read_is_named() {
    let place = Place::new();
    let good = sentences();
    let none = sentence(1, "_", "_").repeat(3);
    let bad = sentence(99, "_", "ARG0:1-2");
    place
        .write("nohead", &good)
        .write("second", format!("# newdoc id = d\n{HEADER}{good}"))
        .write(
            "case",
            format!("{}{good}", HEADER.replace("UP:PRED", "up:pred")),
        )
        .write("none", format!("{HEADER}{none}"))
        .write("bad", format!("{HEADER}{bad}"))
        .write("empty", "")
        .write("header", HEADER);
    for (file, expected) in [
        ("nohead", "it does not name its columns in line 1"),
        (
            "second",
            "its columns are named in line 2, expected in line 1",
        ),
        ("case", "it has no column UP:PRED, only up:pred"),
        ("none", "none has 3 sentences with no predicate"),
        ("bad", "line 5: the arguments ARG0:1-2 have no predicate"),
        ("empty", "empty is empty"),
        (
            "header",
            "header is empty, expected at least one sentence with roles",
        ),
        (".", "is a directory"),
    ] {
        let message = place.fails(&train_labeler(file, &[]));
        assert!(message.contains(expected), "{file}: {message}");
    }
    place.write("good", format!("{HEADER}{good}"));
    let message = place.fails(&train_labeler("good", &["--val", "none"]));
    assert!(message.contains("no predicate"), "{message}");
    place.ok(&train_labeler("good", &[]));
    let eval = |file| place.fails(&["label", "eval", "--model", "out", "--sentences", file]);
    assert!(eval("none").contains("no predicate"));
    assert!(eval("empty").contains("empty is empty"));
}

#[test]
fn spans_that_cannot_be_read_are_reported_in_the_numbers_of_the_file() {
    let place = Place::new();
    let text = [
        HEADER,
        &sentences(),
        &sentence(90, "send.01", "ARG0:1-2|ARG1:4-9"),
        &sentence(91, "send.01", "ARG0:1-2|ARG1:2-5"),
        &sentence(92, "_", "ARG0:1-2"),
    ];
    place.write("roles", text.concat());
    let output = place.run(&train_labeler("roles", &[]));
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    for part in [
        "3 of 33 rows are malformed and left out",
        "argument ARG1:4-9 (words from 1) of a sentence of 5 words",
        "arguments ARG0:1-2 and ARG1:2-5 overlap",
        "the arguments ARG0:1-2 have no predicate",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_hash_inside_a_sentence_is_a_word_through_the_command_too() {
    let place = Place::new();
    let text: String = (0..30)
        .map(|id| {
            format!(
                "# sent_id = h{id}\nShe\t1\t_\t_\ndialled\t2\tdial.01\tARG0:1-1|ARG1:3-4\n\
                 number\t3\t_\t_\n#\t4\t_\t_\n\n"
            )
        })
        .collect();
    place.write(
        "hash",
        format!("# global.columns = FORM ID UP:PRED UP:ARGSPANS\n{text}"),
    );
    let output = place.run(&train_labeler("hash", &["--min-count", "1"]));
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    // Four words, and the ids for padding and for unknown words among the four special ones.
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("8 words and their affixes"), "{told}");
}

#[test]
fn pairs_with_the_ids_of_tatoeba_are_read_as_pairs() {
    let place = Place::new();
    let rows: String = (0..40)
        .map(|n| {
            format!(
                "{}\tthe cat sleeps {n}\t{}\tle chat dort {n}\n",
                1000 + n,
                2000 + n
            )
        })
        .collect();
    place.write("ids", &rows);
    place.write("short", rows.replace("\t2007\t", "\tfra\t"));
    let run = train_translator("ids", &["--vocab", "300"]);
    let told = place.ok(&run);
    assert!(told.contains("pairs to train"), "{told}");
    let shown = place.ok(&["translate", "run", "--model", "out", "the cat sleeps 3"]);
    assert!(!shown.contains("1000"), "{shown}");
    let message = place.fails(&train_translator("short", &[]));
    assert!(message.contains("line 8 has \"fra\""), "{message}");
}

#[test]
fn numbers_out_of_range_are_named_with_their_limits() {
    let place = Place::new();
    let message = place.fails(&train_args("out", &["--vocab", "100"]));
    assert!(
        message.contains("100 subwords is too small, expected at least 261"),
        "{message}"
    );
    place.train("out", &["--steps", "1"]);
    for width in ["0", "1001", "100000000"] {
        let message = place.fails(&["generate", "--model", "out", "--beam", width]);
        let expected = format!("--beam {width}: expected at least 1 and at most 1000");
        assert_eq!(message, expected);
    }
    place.ok(&[
        "generate", "--model", "out", "--length", "3", "--beam", "1000",
    ]);
}

#[test]
fn a_prime_in_another_normalisation_form_is_named_as_such() {
    let place = Place::new();
    place.write("text.txt", LINE.replace("cat", "café").repeat(40));
    place.train("out", &["--steps", "1"]);
    let message = place.fails(&["generate", "--model", "out", "--prime", "the cafe\u{301}"]);
    assert!(message.contains("normalisation form NFC"), "{message}");
    place.write("nfd.txt", "the cafe\u{301}\n".repeat(40));
    let message = place.fails(&[
        "train", "--text", "nfd.txt", "--from", "out", "--out", "new",
    ]);
    assert!(
        message.contains("1 kind of character") && message.contains("`uconv -x NFC`"),
        "{message}"
    );
}

#[test]
fn a_run_that_explodes_warns_once() {
    let place = Place::new();
    let options = [
        "--optimizer",
        "sgd",
        "--lr",
        "300",
        "--clip",
        "0",
        "--steps",
        "30",
        "--eval-every",
        "30",
    ];
    let output = place.run(&train_args("out", &options));
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told.matches("the run has exploded").count(), 1, "{told}");
    let calm = place.run(&train_args("calm", &["--steps", "30"]));
    assert_eq!(String::from_utf8(calm.stderr).unwrap(), "");
}
