//! `lstm forecast run --follow`.

use super::{piped, place, table, train, words};
use std::fs;

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
