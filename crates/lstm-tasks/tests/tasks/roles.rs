//! Readers of sentences with roles, and labels made of their spans.

use crate::data::{gzip, with_file};
use lstm_tasks::data::*;
use proptest::prelude::*;

pub const SRL_JSON: &str = r#"{"id":"s","w":"She gave him a book","f":[[1,"give.01","ARG0:0-0 V:1-1 ARG2:2-2 ARG1:3-4"]]}"#;

pub const CONLLUP: &str = "# global.columns = ID FORM LEMMA UP:PRED UP:ARGHEADS UP:ARGSPANS\n\
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
