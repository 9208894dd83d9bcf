//! `lstm summarize`.

use crate::args::{FieldArgs, SummarizeCommand, SummarizeEvalArgs, SummarizeTrainArgs};
use crate::error::{CliError, say};
use crate::transduce::{self, Judged};
use lstm_tasks::data::RecordFields;
use lstm_tasks::metrics::{Rouge, RougeScore, rouge};
use lstm_tasks::{Application, Files, PairOrigin, PairSource};

pub fn run(command: &SummarizeCommand) -> Result<(), CliError> {
    match command {
        SummarizeCommand::Train(args) => {
            transduce::train(Application::Summarisation, &source(args), &args.train)
        }
        SummarizeCommand::Eval(args) => eval(args),
        SummarizeCommand::Run(args) => transduce::write(Application::Summarisation, args),
    }
}

fn fields(args: &FieldArgs) -> RecordFields {
    RecordFields {
        source: args.text_field.clone(),
        target: args.summary_field.clone(),
    }
}

fn source(args: &SummarizeTrainArgs) -> PairSource {
    let origin = match &args.records {
        Some(train) => {
            let files = Files {
                train: transduce::whole(train),
                val: args.val.as_deref().map(transduce::whole),
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
    let judged = transduce::judge(Application::Summarisation, other, &args.eval)?;
    transduce::say_examples(&judged)?;
    transduce::say_exact(&judged)?;
    say!("ROUGE F1     1     2     L");
    say_rouge("the model", &judged, |one| one.written.clone())?;
    // Of as many words as the summaries have at the median, so that length alone wins nothing.
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

/// The mean over all texts, of each the best over its references.
fn say_rouge(
    name: &str,
    judged: &[Judged],
    written: impl Fn(&Judged) -> String,
) -> Result<(), CliError> {
    let mut sums = [0.0; 3];
    for one in judged {
        let text = written(one);
        let scores = one
            .references()
            .into_iter()
            .map(|meant| rouge(&text, meant));
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
