//! Readers of data sets, and how they report malformed rows.

use flate2::{Compression, write::GzEncoder};
use lstm_tasks::TasksError;
use lstm_tasks::data::*;
use proptest::prelude::*;
use std::io::Write;
use std::path::Path;

/// The result of `read` for a file with these bytes; messages are without the directory.
fn with_file<T>(
    bytes: &[u8],
    read: impl FnOnce(&Path) -> Result<Rows<T>, TasksError>,
) -> Result<Rows<T>, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    std::fs::write(&path, bytes).unwrap();
    let clean = |text: String| text.replace(path.to_str().unwrap(), "f");
    match read(&path) {
        Ok(rows) => Ok(Rows {
            name: clean(rows.name.clone()),
            ..rows
        }),
        Err(error) => Err(clean(error.to_string())),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn pair(source: &str, target: &str) -> Pair {
    Pair {
        source: source.to_owned(),
        target: target.to_owned(),
    }
}

#[test]
fn pairs_of_two_and_three_columns_are_read_and_the_others_named() {
    let text = "Go.\tVa !\r\nRun!\tCours !\tCC-BY\n\nno tab\na\tb\tc\td\n\tempty\nempty\t \n";
    let rows = with_file(text.as_bytes(), read_pairs).unwrap();
    assert_eq!(rows.good, [pair("Go.", "Va !"), pair("Run!", "Cours !")]);
    assert_eq!(
        rows.warning(3).unwrap(),
        "f: 4 of 6 rows are malformed and left out\n  \
         line 4: 1 column, expected 2 or 3 separated by tabs\n  \
         line 5: 4 columns, expected 2 or 3\n  \
         line 6: the source is empty\n  and 1 more"
    );
    assert_eq!(rows.malformed[3].to_string(), "line 7: the target is empty");
    let good = with_file(b"a\tb\n", read_pairs).unwrap();
    assert_eq!(good.warning(3), None);
}

#[test]
fn gzip_is_unpacked_and_a_truncated_file_is_named() {
    let packed = gzip("我\tI\n".as_bytes());
    let rows = with_file(&packed, read_pairs).unwrap();
    assert_eq!(rows.good, [pair("我", "I")]);
    let message = with_file(&packed[..packed.len() - 9], read_pairs).unwrap_err();
    assert!(
        message.starts_with("f is a gzip file and cannot be unpacked: "),
        "{message}"
    );
}

#[test]
fn a_file_without_one_good_row_is_an_error() {
    let message = |text: &str| with_file(text.as_bytes(), read_pairs).unwrap_err();
    assert_eq!(
        message(""),
        "f is empty, expected at least one character of text"
    );
    assert_eq!(
        message(" \n\n"),
        "f is empty, expected at least one sentence pair"
    );
    assert_eq!(
        message("{\"a\": 1}\nx\n"),
        "f has no sentence pair: 2 rows are malformed, the first at line 1: 1 column, expected 2 or 3 \
         separated by tabs; expected two columns, source<TAB>target, or three with an attribution"
    );
    assert_eq!(
        with_file(b"a\0b", read_pairs).unwrap_err(),
        "f looks binary: NUL byte at offset 1, line 1, expected UTF-8 text; \
         if it is UTF-16, convert it: `iconv -f UTF-16LE -t UTF-8`"
    );
}

#[test]
fn records_have_fields_of_any_name() {
    let fields = RecordFields {
        source: "body".to_owned(),
        target: "title".to_owned(),
    };
    let text = "{\"body\": \"b\", \"title\": \"t\", \"n\": 1}\n[1]\n{\"body\": \"b\"}\n\
                {\"body\": 1, \"title\": \"t\"}\n{\"body\": \" \", \"title\": \"t\"}\n{\"body\"\n";
    let rows = with_file(text.as_bytes(), |path| read_records(path, &fields)).unwrap();
    assert_eq!(rows.good, [pair("b", "t")]);
    let why: Vec<String> = rows.malformed.iter().map(ToString::to_string).collect();
    assert!(why[0].starts_with("line 2: not a JSON object"), "{why:?}");
    assert_eq!(
        why[1..4],
        [
            "line 3: no field \"title\"; the record has body",
            "line 4: the field \"body\" is not text",
            "line 5: the field \"body\" is empty",
        ]
    );
    assert!(why[4].starts_with("line 6: not a JSON object"), "{why:?}");
}

const SRL_JSON: &str = r#"{"id":"s","w":"She gave him a book","f":[[1,"give.01","ARG0:0-0 V:1-1 ARG2:2-2 ARG1:3-4"]]}"#;

const CONLLUP: &str = "# global.columns = ID FORM LEMMA UP:PRED UP:ARGHEADS UP:ARGSPANS\n\
    # sent_id = s\n\
    # text = She gave him a book\n\
    1\tShe\tshe\t_\t_\t_\n\
    2-3\tgave him\t_\t_\t_\t_\n\
    2\tgave\tgive\tgive.01\tARG0:1|ARG1:5|ARG2:3\tARG0:1-1|ARG1:4-5|ARG2:3-3\n\
    3\thim\the\t_\t_\t_\n\
    3.1\tx\tx\t_\t_\t_\n\
    4\ta\ta\t_\t_\t_\n\
    5\tbook\tbook\t_\t_\t_\n\n";

#[test]
fn the_same_sentence_is_read_from_both_formats() {
    let json = with_file(SRL_JSON.as_bytes(), read_srl_json).unwrap();
    let conllup = with_file(&gzip(CONLLUP.as_bytes()), read_conllup).unwrap();
    assert_eq!(json.good, conllup.good);
    let frame = &json.good[0].frames[0];
    assert_eq!((frame.predicate, frame.roleset.as_str()), (1, "give.01"));
    assert_eq!(
        labels_of(&frame.arguments, 5),
        ["B-ARG0", "B-V", "B-ARG2", "B-ARG1", "I-ARG1"]
    );
}

#[test]
fn faults_of_role_labelled_json_are_named() {
    for (from, to, why) in [
        (
            "\"w\":\"She gave him a book\"",
            "\"x\":1",
            "no text field \"w\"",
        ),
        ("She gave him a book", " ", "no words in \"w\""),
        ("\"f\":", "\"g\":", "no list field \"f\""),
        (
            "[1,",
            "[5,",
            "frame 1: the predicate is word 5 (from 0) of a sentence of 5 words",
        ),
        (
            "[1,",
            "[-1,",
            "frame 1: expected [predicate, \"roleset\", \"arguments\"]",
        ),
        (
            "3-4",
            "3-5",
            "frame 1: argument ARG1:3-5 (words from 0) of a sentence of 5 words",
        ),
        (
            "3-4",
            "2-4",
            "frame 1: arguments ARG2:2-2 and ARG1:2-4 overlap",
        ),
        (
            "3-4",
            "4-3",
            "frame 1: argument \"ARG1:4-3\", expected LABEL:first-last",
        ),
        (
            "ARG1:",
            "",
            "frame 1: argument \"3-4\", expected LABEL:first-last",
        ),
    ] {
        let text = format!("{SRL_JSON}\n{}\n", SRL_JSON.replace(from, to));
        let rows = with_file(text.as_bytes(), read_srl_json).unwrap();
        assert_eq!(rows.good.len(), 1);
        assert_eq!(rows.malformed[0].to_string(), format!("line 2: {why}"));
    }
}

#[test]
fn faults_of_conllup_are_named_with_the_row_and_cost_their_sentence_only() {
    for (from, to, why) in [
        (
            "3\thim\the\t_\t_\t_",
            "3\thim\the",
            "line 17: 3 columns, expected 6",
        ),
        ("3\thim", "4\thim", "line 17: word number 4, expected 3"),
        (
            "ARG1:4-5",
            "ARG1:4-6",
            "line 16: argument ARG1:3-5 (words from 0) of a sentence of 5 words",
        ),
        (
            "ARG1:4-5",
            "ARG1:0-5",
            "line 16: argument ARG1:0-5; words are counted from 1",
        ),
    ] {
        let (_, second) = CONLLUP.split_once('\n').unwrap();
        let text = format!("{CONLLUP}{}", second.replace(from, to));
        let rows = with_file(text.as_bytes(), read_conllup).unwrap();
        assert_eq!(rows.good.len(), 1);
        assert_eq!(rows.malformed.len(), 1);
        assert_eq!(rows.malformed[0].to_string(), why);
    }
    let message = |text: &str| with_file(text.as_bytes(), read_conllup).unwrap_err();
    assert!(message("1\tShe\n").starts_with("f: it does not name its columns; expected"));
    assert!(
        message(&CONLLUP.replace("UP:PRED", "PRED")).starts_with("f: it has no column UP:PRED; ")
    );
}

proptest! {
    #[test]
    fn spans_become_labels_and_the_same_spans_again(
        pieces in proptest::collection::vec((0..4usize, 1..4usize, "(C-)?A[0-2]|AM-TMP|V"), 0..6)
    ) {
        let (mut arguments, mut words) = (Vec::new(), 0);
        for (gap, len, label) in pieces {
            let first = words + gap;
            words = first + len;
            arguments.push(Argument { label, first, last: words - 1 });
        }
        let labels = labels_of(&arguments, words + 1);
        prop_assert_eq!(labels.len(), words + 1);
        prop_assert_eq!(arguments_of(&labels), arguments.clone());
        for argument in arguments {
            prop_assert_eq!(argument.to_string().parse(), Ok(argument));
        }
    }
}
