//! `lstm summarize`.

use crate::args::{FieldArgs, RecordArgs, SummarizeCommand, SummarizeEvalArgs};
use crate::error::{CliError, say};
use crate::transduce::{self, Judged};
use lstm_tasks::data::RecordFields;
use lstm_tasks::metrics::{Rouge, RougeScore, rouge};
use lstm_tasks::{Files, PairOrigin, PairSource, Transduction};

pub fn run(command: &SummarizeCommand) -> Result<(), CliError> {
    match command {
        SummarizeCommand::Train(args) => {
            transduce::train(Transduction::Summarisation, source(&args.data), &args.train)
        }
        SummarizeCommand::Eval(args) => eval(args),
        SummarizeCommand::Run(args) => transduce::generate(Transduction::Summarisation, args),
    }
}

fn fields(args: &FieldArgs) -> RecordFields {
    RecordFields {
        source: args.text_field.clone(),
        target: args.summary_field.clone(),
    }
}

fn source(args: &RecordArgs) -> PairSource {
    let origin = match &args.records {
        Some(train) => {
            let files = Files {
                train: transduce::absolute(train),
                val: args.val.as_deref().map(transduce::absolute),
            };
            PairOrigin::Records(files, fields(&args.fields))
        }
        None => PairOrigin::Headlines,
    };
    PairSource {
        origin,
        reversed: false,
    }
}

fn eval(args: &SummarizeEvalArgs) -> Result<(), CliError> {
    let other = args.records.as_ref().map(|path| {
        let files = Files {
            train: path.clone(),
            val: Some(path.clone()),
        };
        PairOrigin::Records(files, fields(&args.fields))
    });
    let judged = transduce::judge(Transduction::Summarisation, other, &args.eval)?;
    transduce::say_examples(&judged)?;
    transduce::say_exact(&judged)?;
    say!("ROUGE F1     1     2     L");
    say_rouge("the model", &judged, |one| one.generated.clone())?;
    // The baseline is as long as the median summary, so that length alone wins nothing.
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

/// The mean over all texts of the best score over a text's references.
fn say_rouge(
    name: &str,
    judged: &[Judged],
    generated: impl Fn(&Judged) -> String,
) -> Result<(), CliError> {
    let mut sums = [0.0; 3];
    for one in judged {
        let text = generated(one);
        let scores = one
            .references()
            .into_iter()
            .map(|reference| rouge(&text, reference));
        let best = scores
            .max_by(|a, b| a.rouge_l.f.total_cmp(&b.rouge_l.f))
            .expect("every text has a reference");
        let Rouge {
            rouge_1,
            rouge_2,
            rouge_l,
        } = best;
        for (sum, RougeScore { f, .. }) in sums.iter_mut().zip([rouge_1, rouge_2, rouge_l]) {
            *sum += 100.0 * f / judged.len() as f64;
        }
    }
    let [one, two, l] = sums;
    say!("{name:<11} {one:5.2} {two:5.2} {l:5.2}");
    Ok(())
}
