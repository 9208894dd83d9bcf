//! Readers of pairs and records, and how readers report malformed rows.

use flate2::{Compression, write::GzEncoder};
use lstm_tasks::TasksError;
use lstm_tasks::data::*;
use lstm_text::{ByteSize, InputLimit};
use std::io::Write;
use std::path::Path;

/// The result of `read` for a file with these bytes; messages are without the directory.
pub fn with_file<T>(
    bytes: &[u8],
    read: impl FnOnce(&Path, InputLimit) -> Result<Rows<T>, TasksError>,
) -> Result<Rows<T>, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    std::fs::write(&path, bytes).unwrap();
    let clean = |text: String| text.replace(path.to_str().unwrap(), "f");
    match read(&path, InputLimit::default()) {
        Ok(rows) => Ok(Rows {
            name: clean(rows.name.clone()),
            ..rows
        }),
        Err(error) => Err(clean(error.to_string())),
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
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
fn a_file_a_row_or_a_packed_file_beyond_the_limit_is_refused_by_the_name_of_the_option() {
    let read = |bytes: &[u8], limit| with_file(bytes, |path, _| read_pairs(path, limit));
    let small = InputLimit {
        file: 1000,
        stream: 100,
        line: 40,
        ratio: 2,
        ..InputLimit::default()
    };
    let rows = "source\ttarget\n".repeat(100);
    let packed = gzip(rows.as_bytes());
    let long = format!("a\tb\nc\t{}\n", "d".repeat(40));
    for (bytes, expected) in [
        (rows.as_bytes(), "f is larger than 1000 bytes, the limit"),
        (&packed, "f unpacks to more than "),
        (
            long.as_bytes(),
            "line 2 of f is longer than 40 bytes, the limit",
        ),
    ] {
        let message = read(bytes, small).unwrap_err();
        assert!(message.starts_with(expected), "{message}");
        assert!(message.contains("--max-input"), "{message}");
        let raised = InputLimit::of(ByteSize(rows.len() as u64));
        assert!(read(bytes, raised).is_ok());
    }
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
         give another file, or delete the NUL bytes: `tr -d '\\0'`"
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
    let rows = with_file(text.as_bytes(), |path, limit| {
        read_records(path, &fields, limit)
    })
    .unwrap();
    assert_eq!(rows.good, [pair("b", "t")]);
    let why: Vec<String> = rows.malformed.iter().map(ToString::to_string).collect();
    assert!(why[0].starts_with("line 2: not a JSON object"), "{why:?}");
    assert_eq!(
        why[1..4],
        [
            "line 3: no field \"title\"; the record has body",
            "line 4: the field \"body\" is a number, expected text",
            "line 5: the field \"body\" is empty",
        ]
    );
    assert!(why[4].starts_with("line 6: not a JSON object"), "{why:?}");
}

const TATOEBA: &str =
    "1276\tLet's go!\t2481\tAllons-y !\n1277\tHi.\t2482\tSalut.\n1278\tRun!\t2483\tCours !\n";

#[test]
fn the_four_columns_of_tatoeba_are_read_if_both_ids_are_numbers_in_every_line() {
    let expected = [
        pair("Let's go!", "Allons-y !"),
        pair("Hi.", "Salut."),
        pair("Run!", "Cours !"),
    ];
    for text in [
        TATOEBA.to_owned(),
        format!("\u{FEFF}{}", TATOEBA.replace('\n', "\r\n")),
    ] {
        let rows = with_file(text.as_bytes(), read_pairs).unwrap();
        assert_eq!(rows.good, expected);
        assert_eq!(rows.malformed, []);
    }
    let with_short = format!("{TATOEBA}1279\tGo on.\t2484\n1280\t\t2485\tVa.\n");
    let rows = with_file(with_short.as_bytes(), read_pairs).unwrap();
    assert_eq!(rows.good, expected);
    let why: Vec<String> = rows.malformed.iter().map(ToString::to_string).collect();
    assert_eq!(
        why,
        [
            "line 4: 3 columns, expected 4 as in the other rows: id, source, id, target",
            "line 5: the source is empty",
        ]
    );
    let message = with_file(TATOEBA.replace("2482", "fra").as_bytes(), read_pairs).unwrap_err();
    assert!(
        message.starts_with("f: it has 4 columns, ") && message.contains("line 2 has \"fra\""),
        "{message}"
    );
}

#[test]
fn columns_that_are_not_pairs_are_refused_or_named() {
    let message = |text: &str| with_file(text.as_bytes(), read_pairs).unwrap_err();
    for (text, why) in [
        (
            "1\tcmn\t我們試試看！\n2\teng\tLet's try.\n",
            "Tatoeba's list of sentences",
        ),
        (
            "1\tHi.\tSalut.\n2\tRun!\tCours !\n",
            "its first column has only numbers",
        ),
        (
            "\"Hi.\"\t\"Salut.\"\n\"Run!\"\t\"Cours !\"\n",
            "in quotation marks",
        ),
        (
            "a\tb\tc\td\te\n",
            "5 columns, expected 2 or 3; keep those with the texts",
        ),
        (
            "Hi.,Salut.\n",
            "1 column, expected 2 or 3 separated by tabs",
        ),
    ] {
        assert!(message(text).contains(why), "{text}: {}", message(text));
    }
    let rows = with_file(
        b"source\ttarget\nHi.\tSalut.\n\"Hi\", he said.\tx\n",
        read_pairs,
    )
    .unwrap();
    assert_eq!(
        rows.good,
        [pair("Hi.", "Salut."), pair("\"Hi\", he said.", "x")]
    );
    assert_eq!(
        rows.malformed[0].to_string(),
        "line 1: a header and not a pair: source, target"
    );
    let digits = with_file(b"12\ttwelve\n7\tseven\n", read_pairs).unwrap();
    assert_eq!(digits.good, [pair("12", "twelve"), pair("7", "seven")]);
}
