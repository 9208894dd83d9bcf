//! `lstm forecast run --follow`.

use super::{SMALL, fed, piped, place, table, train};
use crate::tool::Place;
use crate::tool::words;
use std::fs;

/// Models of a table with a time column, of one with a single column, and of one with two shops.
fn models() -> Place {
    let place = place();
    place.ok(&words(&train("dated", "--steps 1")));
    let values: String = (0..60).map(|t| format!("{}\n", t % 5)).collect();
    let shops = (0..120).map(|t| format!("{},{},{}\n", t / 2, ["a", "b"][t % 2], t % 5));
    place
        .write("values", format!("y\n{values}"))
        .write("shops", format!("t,shop,y\n{}", shops.collect::<String>()));
    for (table, columns) in [
        ("values", "--value y"),
        ("shops", "--time t --id shop --value y"),
    ] {
        place.ok(&words(&format!(
            "forecast train --data {table} {columns} {SMALL} --steps 1 --out of-{table}"
        )));
    }
    place
}

/// The table as a file, and as standard input: what is written, or why not.
fn both(place: &Place, model: &str, table: &[u8]) -> [Result<String, String>; 2] {
    place.write("TABLE", table);
    let by_file = place.run(&words(&format!(
        "forecast run --model {model} --data TABLE"
    )));
    let followed = fed(
        place,
        &format!("forecast run --model {model} --follow"),
        table,
    );
    [by_file, followed].map(|output| {
        let told = String::from_utf8(output.stderr).unwrap();
        let told = told.lines().find(|line| line.starts_with("error: "));
        let told = told.map(|line| {
            line.replace("error: ", "")
                .replace("TABLE", "standard input")
        });
        match output.status.code() {
            Some(0) => Ok(String::from_utf8(output.stdout).unwrap()),
            _ => Err(told.expect("a reason")),
        }
    })
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn a_table_is_refused_from_standard_input_in_the_words_in_which_it_is_refused_as_a_file() {
    let place = models();
    let cases: &[(&str, &[u8], &str)] = &[
        (
            "of-values",
            b"y\n1\n\n2\n",
            "line 3 is empty, which may be a missing value",
        ),
        ("of-values", b"y\n1\n \t\n\n2\n", "line 3 is empty"),
        ("of-values", b"y\n\n2\n", "line 2 is empty"),
        ("of-values", b"y\r\n1\r\n\r\n2\r\n", "line 3 is empty"),
        (
            "of-values",
            b"y\n1\nx\n",
            "line 3, column \"y\": \"x\" is not a number",
        ),
        (
            "of-values",
            b"y\n1\n1,5\n",
            "line 3 has 2 fields, expected 1",
        ),
        (
            "of-values",
            b"y\n",
            "is empty, expected at least one row of numbers",
        ),
        (
            "of-values",
            b"\n \n",
            "is empty, expected at least one row of numbers",
        ),
        ("of-values", b"z\n1\n", "there is no column \"y\""),
        ("of-values", b"y,y\n1,2\n", "two columns are called \"y\""),
        (
            "dated",
            b"day,sales\n1,5\n1,6\n",
            "line 3 has the time of line 2, 1;",
        ),
        (
            "dated",
            b"day,sales\n1,5\n\n1,6\n",
            "line 4 has the time of line 2, 1;",
        ),
        (
            "dated",
            b"day,sales\n2,5\n1,6\n",
            "line 3 (1) is earlier than line 2 (2)",
        ),
        (
            "dated",
            b"day,sales\n1,5\n2,6\n2024-01-01,7\n",
            "line 4 has the time 2024-01-01, which is written otherwise than 2 in line 3",
        ),
        (
            "dated",
            b"day,sales\n1,5\n2,6\n3.4,7\n",
            "line 4 (3.4) is not a whole number of steps of 1 after line 3 (2)",
        ),
        (
            "dated",
            b"day,sales\n1,5\n5000,6\n5001,6\n5002,6\n",
            "before line 3 (5000)",
        ),
        (
            "dated",
            b"day,sales\n1,5\r2,6\n",
            "line 2 has 3 fields, expected 2",
        ),
        (
            "dated",
            b"day,sales\n1,5\n2\n",
            "line 3 has 1 field, expected 2",
        ),
        ("dated", b"day,sales\nsoon,5\n", "line 2, column \"day\""),
        (
            "of-shops",
            b"t,shop,y\n1,a,5\n1,b,5\n1,a,6\n",
            "line 4 has the time of line 2",
        ),
        ("of-shops", b"t,shop,y\n1,a,5\n1,c,5\n", "a series \"c\""),
    ];
    for (model, table, expected) in cases {
        let [by_file, followed] = both(&place, model, table);
        let shown = String::from_utf8_lossy(table);
        assert_eq!(followed, by_file, "{shown:?}");
        let why = followed.unwrap_err();
        assert!(why.contains(expected), "{shown:?}: {why}");
    }
    for table in [&b""[..], b"y\n1\n\xFF\n", b"y\n1\n\0\n", b"\xFF\xFEy\0\n\0"] {
        let refused = both(&place, "of-values", table);
        assert!(refused.iter().all(Result::is_err), "{refused:?}");
    }
    place.write("history", "day,sales\n1,5\n2,6\n");
    for (input, expected) in [
        (
            "day,sales\n2,5\n",
            "standard input: line 2 has the time of the row before it, 2;",
        ),
        (
            "day,sales\n3,5\n1,5\n",
            "standard input: line 3 (1) is earlier than line 2 (3);",
        ),
    ] {
        let command = "forecast run --model dated --data history --follow";
        let told = String::from_utf8(fed(&place, command, input).stderr).unwrap();
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn what_is_missing_in_standard_input_is_counted_and_named() {
    let place = models();
    let input = "t,shop,y\n1,a,\n1,b,5\n2,b,NA\n7,b,1\n";
    let output = fed(&place, "forecast run --model of-shops --follow", input);
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    for expected in [
        "warning: 4 rows are missing before line 5 of standard input; their values are masked",
        "warning: standard input: 2 of 4 values of \"y\" are missing and masked, the first in line 2",
    ] {
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn what_a_file_may_have_standard_input_may_have_too() {
    let place = models();
    for (model, table) in [
        ("of-values", &b"y\n1\n2\n\n\n"[..]),
        ("of-values", b"\xEF\xBB\xBFy\r\n1\r\nNA\r\n2"),
        ("of-values", b"\n\ny\n1\n\"2\"\n"),
        ("of-values", b"y\n1\n\xEF\xBB\xBF2\n"),
        ("dated", b"day;sales\n1;5\n\n2;\n6;7\n"),
        ("dated", b"other\tsales\tday\nx\t5\t1\n\t6\t2\n"),
        ("of-shops", b"t,shop,y\n1,a,5\n2,a,\n3,a,5\n"),
    ] {
        let [by_file, followed] = both(&place, model, table);
        let (by_file, followed) = (by_file.unwrap(), followed.unwrap());
        let last = |text: &str| {
            text.lines()
                .rev()
                .take(3)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            last(&followed),
            last(&by_file),
            "{}",
            String::from_utf8_lossy(table)
        );
    }
}

#[test]
fn a_forecast_after_every_row_of_standard_input_has_the_bits_of_a_file() {
    let place = place();
    place.ok(&words(&train("out", "--steps 30")));
    let whole = table(120, |_, sales| sales);
    let followed = piped(&place, "forecast run --model out --follow", &whole);
    for rows in [1, 2, 60, 119, 120] {
        let head: Vec<&str> = whole.lines().take(rows + 1).collect();
        place.write("head", head.join("\n"));
        let by_file = place.ok(&words("forecast run --model out --data head"));
        let expected: Vec<&str> = by_file.lines().skip(1).collect();
        let found: Vec<&str> = followed.lines().skip(1 + 3 * (rows - 1)).take(3).collect();
        assert_eq!(found, expected, "after {rows} rows");
        // The same after a history in a file.
        if rows < 120 {
            let rest = whole
                .lines()
                .skip(rows + 1)
                .fold("day,sales\n".to_owned(), |text, line| text + line + "\n");
            let rest = piped(
                &place,
                "forecast run --model out --data head --follow",
                &rest,
            );
            let (rest, all): (Vec<&str>, Vec<&str>) =
                (rest.lines().skip(1).collect(), followed.lines().collect());
            assert_eq!(rest, all[1 + 3 * rows..], "from row {rows} on");
        }
    }
    let forecasts = place.ok(&words("forecast eval --model out --out all.csv"));
    assert!(forecasts.contains("LSTM"));
    let all = fs::read_to_string(place.path("all.csv")).unwrap();
    for line in all.lines().skip(1) {
        assert!(followed.contains(line), "{line}");
    }
}
