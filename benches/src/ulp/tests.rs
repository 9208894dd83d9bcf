use super::*;
use std::fmt::Write as _;
use std::fs;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn record() -> UlpRecord {
    UlpRecord::read().unwrap()
}

/// The recorded errors of a level. All levels but the portable one give the same bits, so one that was
/// not recorded has the errors of another.
fn recorded(record: &UlpRecord, level: Level) -> LevelErrors {
    let has_its_bits = |name: &str| (name == "portable") == (level == Level::portable());
    let errors = record.levels.iter().find(|(name, _)| has_its_bits(name));
    errors.unwrap_or_else(|| panic!("no record for {level}")).1
}

/// For each exponent its first and last magnitudes and some between; neighbours of ±87 and of the
/// arguments where n of the reduction changes; infinity and NaN.
fn strata() -> impl Iterator<Item = RangeInclusive<u32>> {
    let mut seed = 1_u32;
    let mut random = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed >> 9
    };
    let of_exponents = (0..=255_u32).flat_map(move |exponent| {
        let between: [u32; 6] = std::array::from_fn(|_| random());
        let mantissas = [0, (1 << 23) - 1].into_iter().chain(between);
        mantissas.map(move |mantissa| exponent << 23 | mantissa)
    });
    let steps = (0..=126).map(|n| (f64::from(n) + 0.5) * std::f64::consts::LN_2);
    let of_steps = steps.flat_map(|x| [x, x / 2.0]).chain([f64::from(CLAMP)]);
    let of_steps = of_steps.map(|x| (x as f32).to_bits());
    let around = |bits: u32| bits.saturating_sub(40)..=(bits + 40).min(0x7fff_ffff);
    of_exponents.chain(of_steps).map(around)
}

#[test]
fn no_sampled_argument_has_a_larger_error_than_the_recorded_one() {
    let (record, levels) = (record(), Level::available());
    for range in strata() {
        for (level, errors) in levels.iter().zip(measure(&levels, range.clone())) {
            for (n, function) in Activation::ALL.into_iter().enumerate() {
                let (found, bound) = (errors[n], recorded(&record, *level)[n]);
                let known = found.worst <= bound.worst
                    && found.largest_backward_step <= bound.largest_backward_step
                    && found.backward_steps <= bound.backward_steps
                    && found.asymmetry <= bound.asymmetry
                    && found.limits == bound.limits
                    && bound.between[0] <= found.between[0]
                    && found.between[1] <= bound.between[1];
                assert!(
                    known,
                    "{function:?} at {level}, magnitudes {range:?}: {found:?} recorded: {bound:?}; \
                     if the function has changed, run {}",
                    record.command
                );
            }
        }
    }
}

#[test]
fn the_recorded_worst_argument_has_the_recorded_error() {
    let (record, levels) = (record(), Level::available());
    for (n, function) in Activation::ALL.into_iter().enumerate() {
        for (m, level) in levels.iter().enumerate() {
            let bound = recorded(&record, *level)[n];
            let bits = bound.at.abs().to_bits();
            let found = measure(&levels, bits..=bits)[m][n].worst;
            assert!(
                (found - bound.worst).abs() < 1e-6,
                "{function:?}({}) at {level}: {found}, recorded {}; run {}",
                bound.at,
                bound.worst,
                record.command
            );
        }
    }
}

#[test]
fn exp_and_sigmoid_are_constant_beyond_87_and_all_three_end_at_their_limits() {
    for (level, [exp, sigmoid, tanh]) in record().levels {
        let ends = [-CLAMP, CLAMP];
        assert!(
            ends[0] <= exp.between[0] && exp.between[1] <= ends[1],
            "{level}"
        );
        assert!(ends[0] <= sigmoid.between[0], "{level}: {sigmoid:?}");
        let e87 = f64::from(CLAMP).exp();
        for (found, exact) in [
            (exp.limits[0], 1.0 / e87),
            (exp.limits[1], e87),
            (sigmoid.limits[0], 1.0 / (1.0 + e87)),
        ] {
            let error = (f64::from(found) / exact - 1.0).abs();
            assert!(error < 3e-7, "{level}: {found}, exactly {exact}");
        }
        assert_eq!(
            (sigmoid.limits[1], tanh.limits),
            (1.0, [-1.0, 1.0]),
            "{level}"
        );
    }
}

/// The references computed in another way. Both errors together are the difference, at most.
#[test]
fn the_reference_is_right_to_far_less_than_an_ulp() {
    for n in -87_000..=87_000 {
        let x = f64::from(n) / 1000.0;
        let e = (2.0 * x).exp_m1();
        let half = (x / 2.0).tanh();
        for (function, other) in [
            (Activation::Exp, (x / 2.0).exp().powi(2)),
            (
                Activation::Sigmoid,
                if x > -1.0 {
                    0.5 + 0.5 * half
                } else {
                    x.exp() / (1.0 + x.exp())
                },
            ),
            (
                Activation::Tanh,
                if x < 300.0 { e / (e + 2.0) } else { 1.0 },
            ),
        ] {
            let exact = reference(function, x);
            assert!(
                (exact - other).abs() <= 2e-15 * exact.abs(),
                "{function:?}({x})"
            );
        }
    }
}

/// The rows of the book's table.
fn table(record: &UlpRecord) -> String {
    let of = |is_portable: bool| {
        let level = record
            .levels
            .iter()
            .find(|(name, _)| (name == "portable") == is_portable);
        level.expect("both kinds are recorded").1
    };
    let (portable, fused) = (of(true), of(false));
    let mut rows = String::new();
    for (n, name) in ["$e^x$", r"$\sigma$", r"$\tanh$"].into_iter().enumerate() {
        let all = portable[n].and(fused[n]);
        let asymmetry = match n {
            0 => "–".to_owned(),
            _ => format!("{:.1}", all.asymmetry),
        };
        let backward = match fused[n].backward_steps {
            0 => "0".to_owned(),
            many => format!(
                "{},{:03} (≤ {:.0} ulp)",
                many / 1000,
                many % 1000,
                all.largest_backward_step
            ),
        };
        let [low, high] = all.between;
        writeln!(
            rows,
            "| {name} | {:.3} | {:.3} | {backward} | {asymmetry} | $[{low:.2}, {high:.2}]$ |",
            portable[n].worst, fused[n].worst
        )
        .unwrap();
    }
    rows
}

#[test]
fn the_book_shows_the_record() {
    let record = record();
    for language in ["en", "zh"] {
        let text =
            fs::read_to_string(format!("{ROOT}/book/{language}/speed-functions.md")).unwrap();
        let table = table(&record);
        assert!(
            text.contains(&table),
            "book/{language}/speed-functions.md lacks\n{table}"
        );
        assert!(
            text.contains(&record.command),
            "book/{language}/speed-functions.md lacks the command"
        );
    }
}
