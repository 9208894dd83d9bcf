//! What CoNLL-U Plus may hold, and how every fault of it is named.

use crate::data::with_file;
use crate::roles::CONLLUP;
use lstm_tasks::data::*;

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
