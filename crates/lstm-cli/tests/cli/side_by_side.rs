//! Texts generated side by side.

use crate::tool::Place;

/// A place with a model of two layers.
fn trained() -> Place {
    let place = Place::new();
    place.train("out", &["--steps", "5", "--layers", "2"]);
    place
}

/// `lstm generate` with these options, its texts, and what it says on standard error.
fn generate(place: &Place, options: &[&str]) -> (String, String) {
    let output = place.run(&[&["generate", "--model", "out"], options].concat());
    assert!(output.status.success(), "{options:?}: {output:?}");
    let [texts, told] = [output.stdout, output.stderr].map(|b| String::from_utf8(b).unwrap());
    (texts, told)
}

#[test]
fn each_text_is_the_one_that_its_seed_gives_alone() {
    let place = trained();
    place.write("prime.txt", "the cat\nsat");
    for options in [
        &["--length", "90"][..],
        &["--length", "90", "--half", "--prime", "the"],
        &["--length", "60", "--temperature", "0.5", "--top-k", "3"],
        &[
            "--length",
            "60",
            "--top-p",
            "0.8",
            "--prime-file",
            "prime.txt",
        ],
        &["--length", "60", "--temperature", "0"],
        // Each text ends after another number of characters.
        &["--length", "90", "--stop", "t"],
        &["--length", "0", "--prime", "mat"],
        &["--length", "1"],
    ] {
        let with = |more: &[&str]| generate(&place, &[options, more].concat());
        let alone = ["7", "8", "9", "10", "11"].map(|seed| with(&["--seed", seed]));
        let texts = alone.each_ref().map(|(text, _)| text.as_str());
        let told = alone.each_ref().map(|(_, told)| told.as_str());
        for count in [1, 2, 5] {
            let (side_by_side, said) = with(&["--seed", "7", "--count", &count.to_string()]);
            assert_eq!(side_by_side, texts[..count].join("\n"), "{options:?}");
            assert_eq!(said, told[..count].concat(), "{options:?}");
        }
    }
}

#[test]
fn texts_of_later_groups_have_the_next_seeds_and_seeds_go_round() {
    let place = trained();
    let with = |more: &[&str]| generate(&place, &[&["--length", "3"], more].concat()).0;
    let many = with(&["--seed", "5", "--count", "130", "--stop", "\n"]);
    // Each text is one line, which may be empty.
    assert_eq!(many.lines().count(), 2 * 130 - 1);
    let lines: Vec<_> = many.lines().step_by(2).collect();
    for n in [0, 1, 63, 64, 65, 127, 128, 129] {
        let alone = with(&["--seed", &(5 + n).to_string(), "--stop", "\n"]);
        assert_eq!(format!("{}\n", lines[n]), alone, "text {n}");
    }
    let last = u64::MAX.to_string();
    let both = with(&["--seed", &last, "--count", "2"]);
    let [first, second] = [last.as_str(), "0"].map(|seed| with(&["--seed", seed]));
    assert_eq!(both, format!("{first}\n{second}"));
}

#[test]
fn no_text_and_more_texts_than_fit_into_memory_are_refused() {
    let place = trained();
    let fails = |options: &[&str]| {
        place.fails(&[&["generate", "--model", "out", "--seed", "1"], options].concat())
    };
    assert_eq!(
        fails(&["--count", "0"]).trim(),
        "--count 0: expected at least 1"
    );
    if cfg!(target_os = "linux") {
        for options in [
            &["--count", "1000000000000"][..],
            &["--count", "18446744073709551615", "--length", "0"],
            &["--count", "2", "--length", "9000000000000000000"],
            &["--length", "900000000000000", "--out", "texts.txt"],
        ] {
            let message = fails(options);
            assert!(
                message.contains("--count") && message.contains("GB"),
                "{message}"
            );
        }
        let message = fails(&["--count", "1000000000000"]);
        let start = "--count 1000000000000 with --length 500 takes about ";
        assert!(message.starts_with(start), "{message}");
        assert!(
            message.contains("generate fewer texts at a time"),
            "{message}"
        );
    }
}
