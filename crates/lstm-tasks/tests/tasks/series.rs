//! Tables of series: what is read from them, what is counted, and what is refused by line and column.

use lstm_tasks::data::series::{Columns, Step, Table, Time, read_series};
use lstm_tasks::forecast::{Cuts, HeldOut};
use lstm_text::InputLimit;
use std::fs;

fn columns(time: Option<&str>, id: Option<&str>, values: &[&str], known: &[&str]) -> Columns {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Columns {
        time: time.map(str::to_owned),
        id: id.map(str::to_owned),
        values: owned(values),
        known: owned(known),
    }
}

/// Reads a table called `f` with these columns.
fn read_as(text: &str, columns: &Columns, step: Option<Step>) -> Result<Table, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    fs::write(&path, text).unwrap();
    let name = path.display().to_string();
    let table = read_series(&path, columns, step, InputLimit::default());
    let short = |message: String| message.replace(&name, "f");
    let table = table.map_err(|error| short(error.to_string()))?;
    let warnings = table.warnings.into_iter().map(short).collect();
    Ok(Table { warnings, ..table })
}

/// A table with a time `t` and a value `y`.
fn read(text: &str) -> Result<Table, String> {
    read_as(text, &columns(Some("t"), None, &["y"], &[]), None)
}

fn rows(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The values of the only series.
fn values(table: &Table) -> &[Option<f64>] {
    assert_eq!(table.series.len(), 1);
    &table.series[0].values[0]
}

#[test]
fn times_of_every_kind_have_their_step() {
    let hour = 3_600_000_000;
    let months = |months, last_day| Step::Months { months, last_day };
    for (times, step) in [
        (["1871", "1872", "1873"], Step::Number(1.0)),
        (["0.5", "0.75", "1"], Step::Number(0.25)),
        (
            ["2024-02-27", "2024-02-28", "2024-02-29"],
            Step::Microseconds(24 * hour),
        ),
        (
            ["2024-01-05", "2024-01-12", "2024-01-19"],
            Step::Microseconds(7 * 24 * hour),
        ),
        (["2024-01-01", "2024-02-01", "2024-03-01"], months(1, false)),
        (["2024-01", "2024-04", "2024-07"], months(3, false)),
        (["2023-12-31", "2024-01-31", "2024-02-29"], months(1, true)),
        (
            ["1700-06-30", "1701-06-30", "1702-06-30"],
            months(12, false),
        ),
        (
            [
                "2024-03-31T00:00",
                "2024-03-31T01:00",
                "2024-03-31 02:00:00",
            ],
            Step::Microseconds(hour),
        ),
        // Clocks go forward, and back; the offsets say so.
        (
            [
                "2024-03-31T01:00+01:00",
                "2024-03-31T03:00+02:00",
                "2024-03-31T04:00+02:00",
            ],
            Step::Microseconds(hour),
        ),
        (
            [
                "2024-10-27T02:00+02:00",
                "2024-10-27T02:00+01:00",
                "2024-10-27T02:00Z",
            ],
            Step::Microseconds(hour),
        ),
    ] {
        let lines: Vec<String> = times.iter().map(|t| format!("{t},1")).collect();
        let text = format!("t,y\n{}\n", lines.join("\n"));
        let table = read(&text);
        if let (Step::Microseconds(_), "2024-10-27T02:00Z") = (step, times[2]) {
            // 00:00, 01:00 and 02:00 in UTC.
            assert_eq!(table.as_ref().unwrap().warnings, [""; 0]);
        }
        let table = table.unwrap_or_else(|message| panic!("{times:?}: {message}"));
        assert_eq!(table.step, step, "{times:?}");
        assert_eq!(values(&table).len(), 3, "{times:?}");
        let start = table.series[0].start.unwrap();
        let last = step.after(start, 2).unwrap();
        assert_eq!(step.between(start, last), Some(2), "{times:?}");
    }
}

#[test]
fn the_times_that_follow_are_written_like_those_that_were_read() {
    for (times, next) in [
        (["1871", "1872"], "1873"),
        (["2024-02-28", "2024-02-29"], "2024-03-01"),
        (["20240222", "20240229"], "20240307"),
        (["2024-01", "2024-02"], "2024-03"),
        (["2024-01-31", "2024-02-29"], "2024-03-31"),
        (
            ["2024-03-31T22:00", "2024-03-31T23:00"],
            "2024-04-01T00:00:00",
        ),
        (
            ["2024-03-31T22:00Z", "2024-03-31T23:00Z"],
            "2024-04-01T00:00:00Z",
        ),
    ] {
        let table = read(&format!("t,y\n{},1\n{},2\n", times[0], times[1])).unwrap();
        let start = table.series[0].start.unwrap();
        assert_eq!(table.step.after(start, 2).unwrap().to_string(), next);
    }
}

#[test]
fn semicolons_tabs_byte_order_marks_and_carriage_returns_are_read() {
    for text in [
        "t,y\n1,5\n2,6.5\n",
        "\u{FEFF}t,y\r\n1,5\r\n2,6.5\r\n",
        "t,y\r1,5\r2,6.5\r",
        "t;y\n1;5\n2;6.5",
        "other\ty\tt\na,b\t5\t1\n\t6.5\t2\n",
        "\n\nt, y\n1, 5\n\n2, 6.5\n",
        "\"t\",\"y\"\n\"1\",\"5\"\n\"2\",\"6.5\"\n",
    ] {
        let table = read(text).unwrap_or_else(|message| panic!("{text:?}: {message}"));
        assert_eq!(values(&table), [Some(5.0), Some(6.5)], "{text:?}");
        assert!(table.warnings.is_empty(), "{text:?}: {:?}", table.warnings);
    }
}

#[test]
fn missing_values_and_rows_are_counted_and_the_first_is_named() {
    let table = read("t,y\n1,5\n2,\n3,NaN\n4,8\n7,9\n9,1\n10,2\n").unwrap();
    let expected = [
        Some(5.0),
        None,
        None,
        Some(8.0),
        None,
        None,
        Some(9.0),
        None,
        Some(1.0),
        Some(2.0),
    ];
    assert_eq!(values(&table), expected);
    assert_eq!(
        table.warnings,
        [
            "f: 2 of 7 values of \"y\" are missing and masked, the first in line 3",
            "f: 3 rows are missing in 2 gaps, the first before line 6; their values are masked",
        ]
    );
}

#[test]
fn several_series_and_columns_are_told_apart() {
    let text = "day,shop,sales,visits,holiday\n\
        2024-01-01,b,1,10,1\n2024-01-01,a,5,50,1\n2024-01-02,a,,60,0\n2024-01-02,b,2,20,0\n";
    let columns = columns(
        Some("day"),
        Some("shop"),
        &["visits", "sales"],
        &["holiday"],
    );
    let table = read_as(text, &columns, None).unwrap();
    let ids: Vec<&str> = table.series.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(
        table.series[0].values,
        [[Some(50.0), Some(60.0)], [Some(5.0), None]]
    );
    assert_eq!(table.series[1].known, [[1.0, 0.0]]);
    assert_eq!(
        table.warnings,
        ["f: 1 of 4 values of \"sales\" is missing and masked, the first in line 4"]
    );
}

#[test]
fn what_is_wrong_with_times_is_said_by_line() {
    for (lines, expected) in [
        (
            &["1,5", "3,6", "2,7"][..],
            "f: line 4 (2) is earlier than line 3 (3); sort the rows by time",
        ),
        (
            &["1,5", "1,6"],
            "f: line 3 has the time of line 2, 1; if clocks were set back there",
        ),
        (
            &["2024-10-27T02:00,1", "2024-10-27T02:00,2"],
            "f: line 3 has the time of line 2, 2024-10-27T02:00:00; if clocks were set back there",
        ),
        (
            &[
                "2024-01-01,1",
                "2024-01-02,2",
                "2024-01-03,3",
                "2024-01-04T12:00,4",
            ],
            "f: line 5 (2024-01-04T12:00:00) is not a whole number of steps of 1 d after line 4 (2024-01-03)",
        ),
        (
            &["1,1", "2,2", "3,3", "4.5,4"],
            "f: line 5 (4.5) is not a whole number of steps of 1 after",
        ),
        (
            &["1,1", "2,2", "3,3", "4000000,4"],
            "f: before line 5 (4000000) more than ten times as many",
        ),
        (
            &["2024-01-01,1", "2,2"],
            "f: line 3 has the time 2, which is written otherwise than 2024-01-01 in line 2",
        ),
        (
            &["2024-01-01T00:00Z,1", "2024-01-01T01:00,2"],
            "f: line 3 has the time 2024-01-01T01:00:00, which is written otherwise",
        ),
        (
            &["31.12.2024,1"],
            "f, line 2, column \"t\": \"31.12.2024\" is no time; expected a number, or a date",
        ),
        (
            &["2024-02-30,1"],
            "f, line 2, column \"t\": \"2024-02-30\" is no time",
        ),
        (
            &["2024-01-01T00:00:00.0000001,1"],
            "is finer than a microsecond",
        ),
        (&["inf,1"], "f, line 2, column \"t\": \"inf\" is no time"),
        (&["NaN,1"], "f, line 2, column \"t\": \"NaN\" is no time"),
        (&[",1"], "f, line 2, column \"t\": \"\" is no time"),
    ] {
        let message = read(&format!("t,y\n{}", rows(lines))).unwrap_err();
        assert!(message.contains(expected), "{lines:?}: {message}");
    }
}

#[test]
fn what_is_wrong_with_cells_and_columns_is_said_by_line_and_column() {
    for (text, expected) in [
        (
            "t,y\n1,5\n2,abc\n",
            "f, line 3, column \"y\": \"abc\" is not a number",
        ),
        (
            "t;y\n1;5\n2;6,5\n",
            "f, line 3, column \"y\": \"6,5\" may have a decimal comma",
        ),
        (
            "t,y\n1,\"1,234.5\"\n",
            "f, line 2, column \"y\": \"1,234.5\" has separators of thousands",
        ),
        (
            "t,y\n1,5\n2,6,5\n",
            "f: line 3 has 3 fields, expected 2 as in the first line; a decimal comma",
        ),
        ("t,y\n1,5\n2\n", "f: line 3 has 1 field, expected 2"),
        (
            "t,y\n1,-inf\n",
            "f, line 2, column \"y\": \"-inf\" is too large",
        ),
        (
            "t,x\n1,5\n",
            "f: there is no column \"y\"; the first line has \"t\", \"x\"",
        ),
        (
            "1,5\n2,6\n",
            "f: there is no column \"t\"; the first line has \"1\", \"5\"",
        ),
        ("t,y,y\n1,5,6\n", "f: two columns are called \"y\""),
        ("t,y\n", "f is empty, expected at least one row of numbers"),
        ("\n\n", "f is empty, expected at least one row of numbers"),
        ("", "f is empty"),
    ] {
        let message = read(text).unwrap_err();
        assert!(message.contains(expected), "{text:?}: {message}");
    }
    let one_column = read_as("y\n1\n\n3\n", &columns(None, None, &["y"], &[]), None);
    assert!(
        one_column
            .unwrap_err()
            .contains("f: line 3 is empty, which may be a missing value")
    );
    let known = columns(Some("t"), None, &["y"], &["k"]);
    for (text, expected) in [
        (
            "t,y,k\n1,5,\n",
            "f, line 2, column \"k\": a column that is known in advance has a number in every row",
        ),
        (
            "t,y,k\n1,5,1\n2,5,1\n4,5,1\n",
            "f: 1 row is missing before line 4 (4), and the columns that are known",
        ),
    ] {
        let message = read_as(text, &known, None).unwrap_err();
        assert!(message.contains(expected), "{text:?}: {message}");
    }
}

#[test]
fn a_table_with_another_step_than_the_model_s_is_refused() {
    let days = "t,y\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n";
    let columns = columns(Some("t"), None, &["y"], &[]);
    let hour = Some(Step::Microseconds(3_600_000_000));
    let message = read_as(days, &columns, hour).unwrap_err();
    assert_eq!(
        message,
        "f: its rows are 1 d apart, and the model was trained on steps of 1 h"
    );
    let day = Some(Step::Microseconds(86_400_000_000));
    assert!(read_as(days, &columns, day).is_ok());
    let numbers = read_as("t,y\n1,1\n2,2\n", &columns, day).unwrap_err();
    assert!(numbers.contains("its rows are 1 apart"), "{numbers}");
}

#[test]
fn the_parts_of_all_series_begin_at_the_same_times() {
    let line = |id: &str, t: usize| format!("{t},{id},{t}\n");
    let long: String = (0..100).map(|t| line("long", t)).collect();
    let late: String = (60..90).map(|t| line("late", t)).collect();
    let columns = columns(Some("t"), Some("id"), &["y"], &[]);
    let table = read_as(&format!("t,id,y\n{long}{late}"), &columns, None).unwrap();
    let cuts = HeldOut {
        validation: 0.2,
        test: 0.1,
    }
    .cuts(&table.series, table.step);
    let ids: Vec<&str> = table.series.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["late", "long"]);
    // 70 % and 90 % of 99 are 69.3 and 89.1.
    assert_eq!(
        cuts,
        [
            Cuts {
                train: 10,
                test: 30
            },
            Cuts {
                train: 70,
                test: 90
            }
        ]
    );
    let all = HeldOut {
        validation: 0.0,
        test: 0.0,
    }
    .cuts(&table.series, table.step);
    assert_eq!(
        all[1],
        Cuts {
            train: 100,
            test: 100
        }
    );
}

#[test]
fn a_million_columns_are_read_or_refused_in_one_line() {
    let names: Vec<String> = (0..100_000).map(|n| format!("c{n}")).collect();
    let text = format!("{},y\n{}1\n", names.join(","), "2,".repeat(100_000));
    let table = read_as(&text, &columns(None, None, &["y"], &[]), None).unwrap();
    assert_eq!(values(&table), [Some(1.0)]);
    let message = read_as(&text, &columns(None, None, &["z"], &[]), None).unwrap_err();
    assert!(message.len() < 300, "{message}");
    let text = format!("{}y\n", "c,".repeat(1_000_000));
    let message = read_as(&text, &columns(None, None, &["y"], &[]), None).unwrap_err();
    assert!(message.contains("--max-input"), "{message}");
}

#[test]
fn a_time_is_shown_as_it_was_meant() {
    assert_eq!(Time::Number(1958.25).to_string(), "1958.25");
}
