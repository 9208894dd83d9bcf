//! `lstm summarize`.

use crate::args::{RecordArgs, SummarizeCommand, SummarizeEvalArgs};
use crate::error::{CliError, say};
use crate::transduce::{self, Judged};
use lstm_tasks::data::RecordFields;
use lstm_tasks::metrics::mean_rouge;
use lstm_tasks::{Files, PairOrigin, PairSource, Transduction};

pub fn run(command: &SummarizeCommand) -> Result<(), CliError> {
    match command {
        SummarizeCommand::Train(args) => {
            transduce::train(Transduction::Summarisation, source(&args.data), &args.train)
        }
        SummarizeCommand::Eval(args) => eval(args),
        SummarizeCommand::Run(args) => transduce::run(Transduction::Summarisation, args),
    }
}

fn fields(text: Option<&String>, summary: Option<&String>) -> RecordFields {
    let name =
        |given: Option<&String>, usual: &str| given.map_or_else(|| usual.to_owned(), String::clone);
    RecordFields {
        source: name(text, "source"),
        target: name(summary, "headline"),
    }
}

fn source(args: &RecordArgs) -> PairSource {
    let origin = match &args.records {
        Some(train) => {
            let files = Files::absolute(train, args.val.as_deref());
            let fields = fields(args.text_field.as_ref(), args.summary_field.as_ref());
            PairOrigin::Records(files, fields)
        }
        None => PairOrigin::Headlines,
    };
    PairSource {
        origin,
        reversed: false,
    }
}

fn eval(args: &SummarizeEvalArgs) -> Result<(), CliError> {
    let fields = fields(args.text_field.as_ref(), args.summary_field.as_ref());
    let other = args.records.as_deref();
    let other = other.map(|path| PairOrigin::Records(Files::absolute(path, Some(path)), fields));
    let judged = transduce::judge(Transduction::Summarisation, other, &args.eval)?;
    transduce::say_examples(&judged)?;
    say!("ROUGE F1     1     2     L");
    say_rouge("the model", &judged, |one| one.generated.clone())?;
    // The baseline is as long as the median summary, so that length alone brings no advantage.
    let words = median_words(&judged);
    say_rouge(&format!("first {words}"), &judged, |one| {
        let first: Vec<&str> = one.source.split_whitespace().take(words).collect();
        first.join(" ")
    })
}

fn median_words(judged: &[Judged]) -> usize {
    let mut words: Vec<usize> = judged
        .iter()
        .map(|one| one.references()[0].split_whitespace().count())
        .collect();
    words.sort_unstable();
    words[words.len() / 2]
}

fn say_rouge(
    name: &str,
    judged: &[Judged],
    generated: impl Fn(&Judged) -> String,
) -> Result<(), CliError> {
    let texts = judged.iter().map(|one| (generated(one), one.references()));
    let [one, two, l] = mean_rouge(texts).map(|f| 100.0 * f);
    say!("{name:<11} {one:5.2} {two:5.2} {l:5.2}");
    Ok(())
}
