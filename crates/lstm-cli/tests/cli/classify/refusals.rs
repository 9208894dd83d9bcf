//! Data that cannot be learned from, and options that do not fit.

use super::{SERIES, place, train};
use crate::tool::Place;
use crate::tool::words;

fn refused(place: &Place, content: &str, options: &str, parts: &[&str]) {
    place.write("bad", content);
    let message = place.fails(&words(&train("new", &format!("--data bad {options}"))));
    for part in parts {
        assert!(
            message.contains(part),
            "{content:?}: {part:?} is not in {message}"
        );
    }
    assert!(!place.path("new").exists(), "{content:?}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn texts_that_cannot_be_learned_are_named_by_their_lines_and_columns() {
    let place = place();
    let good = "a,x\nb,y\na b,x\n";
    let csv = |rows: &str| format!("text,label\n{good}{rows}");
    for (content, parts) in [
        (
            csv("c,\n"),
            &["line 5, column \"label\"", "missing", "leave the row out"][..],
        ),
        (csv("c, \n"), &["line 5, column \"label\"", "missing"]),
        (
            csv(",x\n"),
            &["line 5, column \"text\"", "empty", "leave the row out"],
        ),
        (csv("\"  \",x\n"), &["line 5, column \"text\"", "empty"]),
        (
            csv("c\n"),
            &["line 5 has 1 field, expected 2", "quotation marks"],
        ),
        (
            csv("c,d,x\n"),
            &["line 5 has 3 fields, expected 2", "quotation marks"],
        ),
        (
            csv("\"c,x\nd,y\n"),
            &["opens a field in line 5 is never closed", "twice"],
        ),
        (csv("\"c\" d,x\n"), &["line 5: more text follows", "twice"]),
        (csv("c\rd,x\n"), &["line 5 has a carriage return"]),
        (csv("\"c\nd\",x\n,x\n"), &["line 7, column \"text\""]),
        (
            "text,label\r\na,x\r\nb,\r\n".into(),
            &["line 3, column \"label\""],
        ),
        (
            "\u{feff}text,label\na,x\nb,\n".into(),
            &["line 3, column \"label\""],
        ),
        (
            "text,label\na,x\nb,x\n".into(),
            &["every example has the label \"x\"", "another class"],
        ),
        (
            "text,label\na,x\nb,y\nc,z\n".into(),
            &["3 examples have 3 different labels", "--label"],
        ),
        (
            "text,label\n".into(),
            &["is empty, expected at least one sequence"],
        ),
        ("".into(), &["is empty"]),
        (
            "words,label\na,x\n".into(),
            &["no column \"text\"", "\"words\", \"label\""],
        ),
        (
            "text,language\na,x\n".into(),
            &["no column \"label\"", "\"text\", \"language\""],
        ),
        (
            "text,text,label\na,b,x\n".into(),
            &["two columns are called \"text\""],
        ),
        (
            "{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": \"b\"}\n".into(),
            &["line 2, column \"label\"", "missing"],
        ),
        (
            "{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": \"b\", \"label\": null}\n".into(),
            &["line 2, column \"label\"", "missing"],
        ),
        (
            "{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": \"\", \"label\": \"y\"}\n".into(),
            &["line 2, column \"text\"", "empty"],
        ),
        (
            "{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": 3, \"label\": \"y\"}\n".into(),
            &["line 2, column \"text\"", "is a number, expected text"],
        ),
        (
            "{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": \"b\", \"label\": [1]}\n".into(),
            &["line 2, column \"label\"", "is a list"],
        ),
        (
            "{\"text\": \"a\", \"label\": \"x\"}\n{\"label\": \"y\"}\n".into(),
            &["line 2, column \"text\"", "no field \"text\""],
        ),
        (
            "{\"text\": \"a\", \"label\": \"x\"}\n{\"text\":\n".into(),
            &["line 2: not a JSON object"],
        ),
        (
            "[{\"text\": \"a\", \"label\": \"x\"}]\n".into(),
            &["line 1: not a JSON object but a list"],
        ),
    ] {
        refused(&place, &content, "", parts);
    }
}

/// A table of four series, and these rows from line 9 on.
fn series_with(rows: &str) -> String {
    let good = "a,1,1,up\na,2,2,up\nb,1,2,down\nb,2,1,down\nc,1,3,up\nc,2,4,up\nd,1,9,down\n";
    format!("series,day,x,label\n{good}{rows}")
}

#[test]
fn series_that_cannot_be_learned_are_named_by_their_lines_and_columns() {
    let place = place();
    let csv = series_with;
    for (content, parts) in [
        (
            csv("e,1,one,up\n"),
            &["line 9, column \"x\"", "\"one\" is not a number"][..],
        ),
        (
            csv("e,1,\"1,5\",up\n"),
            &["line 9, column \"x\"", "decimal comma"],
        ),
        (csv("e,1,inf,up\n"), &["line 9, column \"x\"", "too large"]),
        (
            csv("e,1,NaN,up\ne,2,,up\n"),
            &["\"e\", which begins in line 9, has no value"],
        ),
        (
            csv("a,3,1,down\n"),
            &[
                "line 9, column \"label\"",
                "\"a\" has the label \"down\" here and \"up\" in line 2",
            ],
        ),
    ] {
        refused(&place, &content, SERIES, parts);
    }
}

#[test]
fn series_in_json_that_cannot_be_learned_are_named_by_their_lines_and_fields() {
    let place = place();
    for (second, parts) in [
        (
            r#""x": 1, "y": [1]"#,
            &["column \"x\"", "is a number, expected a list"][..],
        ),
        (
            r#""x": [1, "2"], "y": [1, 2]"#,
            &["column \"x\"", "element 2 of the list is text"],
        ),
        (
            r#""x": [1, 2], "y": [1]"#,
            &["column \"y\"", "1 number, and 2 in \"x\""],
        ),
        (
            r#""x": [], "y": []"#,
            &["column \"x\"", "has no value; leave it out"],
        ),
        (
            r#""x": [null], "y": [null]"#,
            &["column \"x\"", "has no value; leave it out"],
        ),
        (
            r#""x": [1e999], "y": [1]"#,
            &["not a JSON object", "out of range"],
        ),
        (r#""y": [1]"#, &["column \"x\"", "no field \"x\""]),
    ] {
        let content = format!(
            "{{\"x\": [1], \"y\": [2], \"label\": \"a\"}}\n{{{second}, \"label\": \"b\"}}\n"
        );
        let parts = [&["line 2"], parts].concat();
        refused(&place, &content, "--value x,y", &parts);
    }
    let content = "{\"x\": [1], \"label\": \"a\"}\n{\"x\": [2], \"label\": \"b\"}\n";
    let timed = ["line 1, column \"x2\"", "in order by itself"];
    refused(&place, content, "--value x --time x2", &timed);
    let table = "x,label\n1,a\n2,b\n";
    refused(&place, table, "--value x", &["row for each step", "--id"]);
}

#[test]
fn rows_that_make_no_series_are_named_by_their_lines_and_columns() {
    let place = place();
    let csv = series_with;
    for (content, parts) in [
        (
            csv("d,1,1,down\n"),
            &[
                "line 9, column \"day\"",
                "does not come after",
                "line 8",
                "sort",
            ][..],
        ),
        (csv("d,0,1,down\n"), &["line 9, column \"day\"", "sort"]),
        (
            csv("d,2024-01-01,1,down\n"),
            &["line 9, column \"day\"", "does not come after"],
        ),
        (
            csv("d,soon,1,down\n"),
            &["line 9, column \"day\"", "\"soon\""],
        ),
        (
            csv(",1,1,down\n"),
            &["line 9, column \"series\"", "the id is missing"],
        ),
        (
            csv("e,1,1,\n"),
            &["line 9, column \"label\"", "the label is missing"],
        ),
        (
            "series,day,x,label\na,1,,up\na,2,1,up\nb,1,,down\nc,1,2,up\nd,1,2,down\n".into(),
            &["\"b\", which begins in line 4, has no value"],
        ),
        ("series,day,label\na,1,up\n".into(), &["no column \"x\""]),
        (
            "{\"series\": 1}\n".into(),
            &["a list is in order by itself"],
        ),
    ] {
        refused(&place, &content, SERIES, parts);
    }
}

#[test]
fn a_label_that_the_training_part_does_not_have_is_refused_in_every_other_file() {
    let place = place();
    place.write("other", "text,label\nab,here\nba,nowhere\n");
    let expected = "other, line 3, column \"label\": the training part has no class \"nowhere\"; it has \"here\", \"there\"";
    let message = place.fails(&words(&train("new", "--data texts --val other")));
    assert!(message.contains(expected), "{message}");
    place.ok(&words(&train("out", "--data texts --steps 1")));
    let message = place.fails(&words("classify eval --model out --data other"));
    assert!(message.contains(expected), "{message}");
    place.write(
        "other",
        "text,label\nab,here\nba,there\nab b,here\nba b,nowhere\nb,here\nb a,here\n",
    );
    let message = place.fails(&words("classify train --out new --data other --from out"));
    assert!(
        message.contains("line 5, column \"label\": the training part has no class \"nowhere\""),
        "{message}"
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn options_that_do_not_fit_are_refused() {
    let place = place();
    place.ok(&words(&train("out", "--data texts --steps 1")));
    place.ok(&words(&train(
        "series-out",
        &format!("--data series {SERIES} --steps 1"),
    )));
    let further = |options: &str| format!("classify train --out new {options}");
    for (command, expected) in [
        (
            train("new", &format!("--data series {SERIES} --embed 4")),
            "--embed with --value",
        ),
        (
            train("new", &format!("--data series {SERIES} --words 4")),
            "--words with --value",
        ),
        (
            train("new", "--data texts --text label"),
            "no other option names",
        ),
        (
            further("--data texts --bidirectional --hidden 7"),
            "an even number",
        ),
        (
            train("new", "--data texts --max-length 0"),
            "maximum length is 0",
        ),
        (
            train("new", "--data texts --val-fraction 0.6 --test-fraction 0.5"),
            "held-out fraction",
        ),
        (
            train("new", "--data texts --val-fraction -1"),
            "validation fraction",
        ),
        (
            further("--data texts --from out --pooling last"),
            "--pooling is decided by the model",
        ),
        (
            further("--data texts --from series-out"),
            "--from other data",
        ),
        (
            further(&format!("--data series {SERIES} --from out")),
            "--from other data",
        ),
        (
            train("new", "--data texts --min-count 1000"),
            "no word is frequent enough",
        ),
        (
            "classify eval --model out --data series".to_owned(),
            "no column \"text\"",
        ),
        (
            "classify run --model series-out word".to_owned(),
            "name a table with --input",
        ),
        (
            "label run --model out word".to_owned(),
            "a model of kind classifier, expected labeler",
        ),
        ("classify run --model absent word".to_owned(), "absent"),
        (
            "export --model out --to onnx --out new".to_owned(),
            "a model of kind classifier",
        ),
        (
            "generate --model out".to_owned(),
            "a model of kind classifier",
        ),
    ] {
        let message = place.fails(&words(&command));
        assert!(message.contains(expected), "{command}: {message}");
        assert!(!place.path("new").exists(), "{command}");
    }
    let message = place.fails(&["classify", "run", "--model", "out", "ab", " "]);
    assert!(message.contains("text 2 is empty"), "{message}");
    place.write("text.svg", "");
    let message = place.fails(&words("classify eval --model out --plot text.svg"));
    assert!(message.contains("text.svg"), "{message}");
    let label = "label".repeat(3);
    place.write("only", format!("text,label\na,{label}\n"));
    let alone = place.fails(&words("classify eval --model out --data only"));
    assert!(alone.contains("no class"), "{alone}");
}
