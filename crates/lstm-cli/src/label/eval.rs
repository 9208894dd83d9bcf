//! `lstm label eval`: precision, recall and F1 of spans.

use crate::args::LabelEvalArgs;
use crate::count::counted;
use crate::error::{CliError, note, say};
use crate::scores::{measures, row};
use crate::session::{Learned, run_of};
use crate::settings::workers;
use indicatif::ProgressBar;
use lstm_fast::Fast;
use lstm_tasks::data::Sentence;
use lstm_tasks::metrics::RoleCounts;
use lstm_tasks::{LabelSettings, RoleData, RoleLabeler, read_sentences};
use std::cmp::Reverse;

pub fn eval(args: &LabelEvalArgs) -> Result<(), CliError> {
    let model = RoleLabeler::<Fast>::load(&args.model)?;
    let sentences = sentences(args)?;
    let bar = ProgressBar::new(sentences.len() as u64);
    let labelled = workers(args.threads)?.map(sentences, |sentence: Sentence, _team| {
        let predicates: Vec<usize> = sentence.frames.iter().map(|f| f.predicate).collect();
        let found = model.label(&sentence.words, &predicates);
        bar.inc(1);
        found.map(|found| (sentence, found))
    });
    bar.finish_and_clear();
    let mut counts = RoleCounts::default();
    for one in labelled {
        let (sentence, found) = one?;
        for (frame, found) in sentence.frames.iter().zip(&found) {
            counts.add(found, &frame.arguments);
        }
    }
    say_scores(&counts)
}

/// The sentences of the file that was named, or the validation data of the run.
fn sentences(args: &LabelEvalArgs) -> Result<Vec<Sentence>, CliError> {
    if let Some(path) = &args.sentences {
        let rows = read_sentences(path, args.input.limit())?;
        if let Some(warning) = rows.warning(5) {
            note!("{warning}");
        }
        return Ok(rows.good);
    }
    let run = run_of::<LabelSettings>(&args.model)?.ok_or(CliError::NothingHeldOut)?;
    let Learned::<RoleData> { data, .. } = run.settings.source.read(args.input.limit())?.into();
    Ok(data.val)
}

/// The columns for the name of a role.
const WIDTH: usize = 12;

/// Prints the scores of the twelve most frequent roles, and of all together.
fn say_scores(counts: &RoleCounts) -> Result<(), CliError> {
    let predicates = counts.predicates;
    if predicates == 0 {
        return Err(CliError::NothingHeldOut);
    }
    say!("{}", measures("role", "spans", WIDTH));
    let by_role = counts.by_role.iter();
    let mut roles: Vec<_> = by_role.filter(|(_, counts)| counts.meant > 0).collect();
    roles.sort_by_key(|(_, counts)| Reverse(counts.meant));
    for (role, counts) in roles.iter().take(12) {
        say!("{}", row(role, WIDTH, counts));
    }
    say!("{}", row("all", WIDTH, &counts.all));
    let share = 100.0 * counts.perfect as f64 / predicates as f64;
    let predicates = counted(predicates, "predicate");
    say!("{predicates}, {share:.2} % of them with every argument right");
    Ok(())
}
