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
    let rows = with_file(text.as_bytes(), |path| read_records(path, &fields)).unwrap();
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
            "no field \"w\"; the record has f, id, x",
        ),
        ("She gave him a book", " ", "no words in \"w\""),
        (
            "\"f\":",
            "\"g\":",
            "no field \"f\"; the record has g, id, w",
        ),
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
            "frame 1: arguments ARG2:2-2 and ARG1:2-4 overlap; a word has at most one role for a \
             predicate",
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
            "line 16: argument ARG1:4-6 (words from 1) of a sentence of 5 words",
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
    assert!(message("1\tShe\n").starts_with("f: it does not name its columns in line 1, "));
    assert!(
        message(&CONLLUP.replace("UP:PRED", "PRED"))
            .starts_with("f: it has no column UP:PRED among ID FORM LEMMA PRED ")
    );
}

/// FORM stands first; the last word of the sentence is `#`.
const FORM_FIRST: &str = "# global.columns = FORM ID UP:PRED UP:ARGSPANS\n\
    # sent_id = s\n\
    She\t1\t_\t_\n\
    dialled\t2\tdial.01\tARG0:1-1|ARG1:3-4\n\
    number\t3\t_\t_\n\
    #\t4\t_\t_\n";

#[test]
fn a_hash_inside_a_sentence_is_a_word_if_form_is_the_first_column() {
    let rows = with_file(FORM_FIRST.as_bytes(), read_conllup).unwrap();
    assert_eq!(rows.malformed, []);
    let [sentence] = rows.good.as_slice() else {
        panic!("{rows:?}");
    };
    assert_eq!(sentence.id, "s");
    assert_eq!(sentence.words, ["She", "dialled", "number", "#"]);
    let spans = &sentence.frames[0].arguments;
    assert_eq!(labels_of(spans, 4), ["B-ARG0", "B-V", "B-ARG1", "I-ARG1"]);
}

#[test]
fn a_hash_that_begins_a_sentence_is_a_word_if_its_row_has_an_id() {
    let text = FORM_FIRST.replace("She\t1", "#1\t1");
    let rows = with_file(text.as_bytes(), read_conllup).unwrap();
    assert_eq!(rows.good[0].words, ["#1", "dialled", "number", "#"]);
    let alone = "# global.columns = FORM ID UP:PRED UP:ARGSPANS\n#\t1\tv.01\t_\n\n# end\n";
    let rows = with_file(alone.as_bytes(), read_conllup).unwrap();
    assert_eq!(rows.good.len(), 1);
    assert_eq!(rows.good[0].words, ["#"]);
}

#[test]
fn conllup_is_the_same_with_every_kind_of_line_end_and_without_the_last() {
    let expected = with_file(CONLLUP.as_bytes(), read_conllup).unwrap();
    for text in [
        CONLLUP.replace('\n', "\r\n"),
        CONLLUP.replace('\n', "\r"),
        CONLLUP.trim_end().to_owned(),
        format!("\u{FEFF}{CONLLUP}"),
    ] {
        assert_eq!(with_file(text.as_bytes(), read_conllup).unwrap(), expected);
    }
}

/// What is said of one sentence after a good one.
fn fault(good: &str, from: &str, to: &str) -> String {
    let (_, second) = good.split_once('\n').unwrap();
    assert!(second.contains(from), "{from}");
    let text = format!("{}\n\n{}", good.trim_end(), second.replace(from, to));
    let rows = with_file(text.as_bytes(), read_conllup).unwrap();
    assert_eq!((rows.good.len(), rows.malformed.len()), (1, 1), "{to}");
    rows.malformed[0].to_string()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_cannot_be_read_of_conllup_is_never_dropped() {
    for (from, to, why) in [
        (
            "gave\tgive\tgive.01",
            "gave\tgive\t_",
            "line 16: the arguments ARG0:1-1|ARG1:4-5|ARG2:3-3 have no predicate: UP:PRED is _, \
             expected a sense",
        ),
        (
            "\tgive.01",
            "\t*",
            "line 16: UP:PRED is \"*\", expected a sense or _",
        ),
        (
            "\tgive.01",
            "\t",
            "line 16: UP:PRED is \"\", expected a sense or _",
        ),
        ("3\thim", "3\t", "line 17: the word is empty"),
        (
            "him\t_\t_\t_\t_\n2\t",
            "him\t_\tgive.01\t_\tARG0:1-1\n2\t",
            "line 15: 2-3 is not a word and cannot have roles; give them to the row of a word",
        ),
        (
            "3.1\tx\tx\t_",
            "3.1\tx\tx\tgo.01",
            "line 18: 3.1 is not a word and cannot have roles; give them to the row of a word",
        ),
        (
            "2-3\t",
            "4-5\t",
            "line 15: 4-5 is out of order: the next word is 2",
        ),
        (
            "2-3\t",
            "2-9\t",
            "line 15: a token up to word 9 of a sentence of 5 words",
        ),
        (
            "3.1\t",
            "1.1\t",
            "line 18: 1.1 is out of order: the next word is 4",
        ),
        (
            "2-3\t",
            "two\t",
            "line 15: the ID is \"two\", expected the number of a word, 1-2 for a multiword token or \
             1.1 for an empty node",
        ),
        (
            "3\thim\the\t_\t_\t_",
            "3 him he _ _ _",
            "line 17: 6 columns separated by spaces, expected tabs",
        ),
        (
            "3\thim",
            "# a comment\n3\thim",
            "line 17: a comment after the first word of a sentence: comments stand before it, and a \
             blank line after the last word",
        ),
        (
            "3\thim\the",
            "1\thim\the",
            "line 17: word number 1, expected 3: a blank line is missing before a new sentence",
        ),
        (
            "ARG1:4-5|ARG2:3-3",
            "ARG1:3-5|ARG2:3-3",
            "line 16: arguments ARG1:3-5 and ARG2:3-3 overlap; a word has at most one role for a \
             predicate",
        ),
        (
            "ARG1:4-5|ARG2:3-3",
            "(A1*",
            "line 16: the arguments ARG0:1-1|(A1* are in brackets as in CoNLL-2005, expected \
             LABEL:first-last|…",
        ),
        (
            "|ARG2:3-3",
            "|_",
            "line 16: argument \"_\", expected LABEL:first-last",
        ),
    ] {
        assert_eq!(fault(CONLLUP, from, to), why);
    }
    assert_eq!(
        fault(FORM_FIRST, "#\t4\t_\t_", "# 4 _ _"),
        "line 12: a comment after the first word of a sentence: comments stand before it, and a blank \
         line after the last word"
    );
}

#[test]
fn a_first_line_that_does_not_name_the_columns_is_explained() {
    let message = |text: &str| with_file(text.as_bytes(), read_sentences).unwrap_err();
    let (header, rest) = CONLLUP.split_once('\n').unwrap();
    for (text, why) in [
        (
            rest.to_owned(),
            "it does not name its columns in line 1, which is \"# sent_id = s\" and rows of 6 columns; ",
        ),
        (
            format!("# newdoc id = d\n{CONLLUP}"),
            "its columns are named in line 2, expected in line 1: move the line there; ",
        ),
        (
            CONLLUP.replace("UP:PRED", "up:pred"),
            "it has no column UP:PRED, only up:pred: the case of letters counts; ",
        ),
        (
            CONLLUP.replace("LEMMA", "FORM"),
            "it names the column FORM twice; ",
        ),
        (
            format!("{}\n{rest}", header.replace('=', "")),
            "in line 1 there is no = after global.columns; ",
        ),
        (
            "She (A0* -\ngave (V*) give\n\n".to_owned(),
            "it does not name its columns in line 1, which is \"She (A0* -\"; arguments in brackets, \
             (A0* *), look like CoNLL-2005 or CoNLL-2012, which is not read; ",
        ),
        (
            "She\tB-A0\ngave\tO\n\n".to_owned(),
            "it does not name its columns in line 1, which is \"She\\tB-A0\" and rows of 2 columns; \
             labels such as B-A0 look like a BIO table, which is not read; ",
        ),
        (
            "1\tShe\tshe\tX\t_\t_\t2\td\t_\t_\t_\tA0\n".to_owned(),
            "it does not name its columns in line 1, which is \"1\\tShe\\tshe\\tX\\t_\\t_\\t2\\td\\t_\\t_\\t_\\tA0\" \
             and rows of 12 columns; so many columns look like Universal PropBank 1 or CoNLL-2009, \
             which give only the heads of arguments and are not read; ",
        ),
        (
            "She gave him a book.\n".to_owned(),
            "it does not name its columns in line 1, which is \"She gave him a book.\"; nor is it one \
             JSON object on each line; ",
        ),
    ] {
        let message = message(&text);
        let expected = format!(
            "f: {why}expected a first line `# global.columns = ID FORM … UP:PRED UP:ARGSPANS`"
        );
        assert_eq!(message, expected);
    }
}

#[test]
fn sentences_without_a_predicate_are_named_as_such() {
    let message = |text: &str| with_file(text.as_bytes(), read_sentences).unwrap_err();
    let none = CONLLUP.replace(
        "give.01\tARG0:1|ARG1:5|ARG2:3\tARG0:1-1|ARG1:4-5|ARG2:3-3",
        "_\t_\t_",
    );
    assert_eq!(
        message(&none),
        "f has 1 sentence with no predicate; expected a sense in the column UP:PRED, or a frame in \"f\""
    );
    let (_, second) = CONLLUP.split_once('\n').unwrap();
    let message_of_two = message(&format!("{none}{}", second.replace("give.01", "_")));
    assert!(
        message_of_two.starts_with(
            "f has 1 sentence with no predicate, and malformed ones, the first at line 16: the arguments"
        ),
        "{message_of_two}"
    );
    assert!(
        message("{\"w\": \"She left .\", \"f\": []}\n{\"w\": \"a\", \"f\": []}\n")
            .starts_with("f has 2 sentences with no predicate; ")
    );
    assert_eq!(
        message("# global.columns = ID FORM UP:PRED UP:ARGSPANS\n\n"),
        "f is empty, expected at least one sentence with roles"
    );
    assert_eq!(
        message(" \n"),
        "f is empty, expected at least one sentence with roles"
    );
}

#[test]
fn rows_that_are_other_json_say_what_they_are() {
    let why = |row: &str| {
        let text = format!("{SRL_JSON}\n{row}\n");
        let rows = with_file(text.as_bytes(), read_sentences).unwrap();
        rows.malformed[0].why.clone()
    };
    assert_eq!(why("[1]"), "not a JSON object but a list");
    assert_eq!(
        why("{"),
        "not a JSON object: it does not end on this line, expected one object on each line, as \
         `jq -c` writes them"
    );
    assert_eq!(
        why("{'w': 1}"),
        "not a JSON object: key must be a string at column 2"
    );
    assert_eq!(
        why(r#"{"w": ["a"], "f": []}"#),
        "the field \"w\" is a list, expected text"
    );
    assert_eq!(
        why(r#"{"w": "a", "f": "V:0-0"}"#),
        "the field \"f\" is text, expected a list"
    );
    assert_eq!(
        why(r#"{"id": [], "w": "a", "f": []}"#),
        "the field \"id\" is a list, expected text"
    );
    let numbered = SRL_JSON.replace("\"s\"", "17");
    let rows = with_file(numbered.as_bytes(), read_sentences).unwrap();
    assert_eq!(rows.good[0].id, "17");
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
