//! What happens later changes nothing earlier, to the bit: of the weights, of `eval` and of `run --follow`.

use super::{piped, place, table, train};
use crate::interruptions::outcome;
use crate::tool::Place;
use crate::tool::words;
use std::fs;

const ROWS: usize = 120;
/// The first row of the validation part, and of the test part.
const CUTS: [usize; 2] = [84, 102];

/// Everything that the commands make of the table in a place, forecasts by the row after which they are.
fn everything(options: &str, text: &str) -> (Place, Vec<String>, Vec<String>) {
    let place = Place::new();
    place.write("data", text);
    place.ok(&words(&train(
        "out",
        &format!("--steps 20 --eval-every 5 {options}"),
    )));
    place.ok(&words("forecast eval --model out --out all.csv"));
    let lines = |text: &str| text.lines().skip(1).map(str::to_owned).collect();
    let evaluated = lines(&fs::read_to_string(place.path("all.csv")).unwrap());
    let followed = lines(&piped(&place, "forecast run --model out --follow", text));
    (place, evaluated, followed)
}

/// The forecasts that were made before a row.
fn before(forecasts: &[String], row: usize) -> Vec<&String> {
    let from = |line: &&String| -> usize { line.split(',').next().unwrap().parse().unwrap() };
    forecasts
        .iter()
        .filter(|line| from(line) < 1000 + row)
        .collect()
}

#[test]
fn no_value_after_the_cut_changes_anything_earlier_whatever_the_model_and_wherever_it_is() {
    let mut random: usize = 7;
    for head in ["", "--head gaussian"] {
        for reference in ["training", "last", "recent", "season"] {
            let options = format!("{head} --relative-to {reference}");
            let plain = everything(&options, &table(ROWS, |_, sales| sales));
            for changed in [1e9, -3.0, 0.0] {
                // A linear congruence chooses the row: the first of each part, and others.
                random = (random * 1_103_515_245 + 12_345) % (1 << 31);
                let row = match changed {
                    0.0 => CUTS[random % 2],
                    _ => CUTS[0] + random / 7 % (ROWS - CUTS[0]),
                };
                // Where the table has no value, the next row.
                let row = row + usize::from(row % 13 == 5);
                let text = table(ROWS, |t, sales| if t == row { changed } else { sales });
                let other = everything(&options, &text);
                let what = format!("{options}, row {row} is {changed}");
                let weights = |place: &Place| outcome(place, "out").0;
                assert_eq!(weights(&plain.0), weights(&other.0), "{what}");
                if row >= CUTS[1] {
                    assert_eq!(outcome(&plain.0, "out"), outcome(&other.0, "out"), "{what}");
                }
                // A run that chose another best model for the validation part forecasts with that.
                let is_same_model = outcome(&plain.0, "out").1 == outcome(&other.0, "out").1;
                if is_same_model {
                    assert_eq!(before(&plain.1, row), before(&other.1, row), "{what}");
                    assert_eq!(before(&plain.2, row), before(&other.2, row), "{what}");
                    assert!(!before(&plain.2, row).is_empty());
                }
                assert_ne!(plain.2, other.2, "the change was seen: {what}");
            }
        }
    }
}

#[test]
fn a_value_after_the_cut_changes_no_weight_and_no_earlier_forecast_to_the_bit() {
    let (place, other) = (place(), Place::new());
    // Every value of the test part, which begins with row 102.
    other.write(
        "data",
        table(
            120,
            |t, sales| if t < 102 { sales } else { -1000.0 * sales },
        ),
    );
    let mut forecasts = Vec::new();
    for place in [&place, &other] {
        place.ok(&words(&train("out", "--steps 60 --eval-every 10")));
        place.ok(&words("forecast eval --model out --out all.csv"));
        let all = fs::read_to_string(place.path("all.csv")).unwrap();
        forecasts.push(
            all.lines()
                .take(1 + 3)
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(outcome(&place, "out"), outcome(&other, "out"));
    // The first forecast of the test part is made before its first value.
    assert_eq!(forecasts[0], forecasts[1]);
    // A value of the validation part changes no weight either.
    other.write(
        "data",
        table(120, |t, sales| if t == 84 { 99.0 } else { sales }),
    );
    other.ok(&words(&train("again", "--steps 60 --eval-every 10")));
    let weights = |place: &Place, out| fs::read(place.path(out).join("model.safetensors")).unwrap();
    assert_eq!(weights(&place, "out"), weights(&other, "again"));
    // But one of the training part does.
    other.write(
        "data",
        table(120, |t, sales| if t == 80 { 99.0 } else { sales }),
    );
    other.ok(&words(&train("third", "--steps 60 --eval-every 10")));
    assert_ne!(weights(&place, "out"), weights(&other, "third"));
}
