//! `lstm translate`.

use crate::args::{BleuUnit, CorpusName, PairArgs, TranslateCommand, TranslateEvalArgs};
use crate::error::{CliError, say};
use crate::transduce::{self, Judged};
use lstm_tasks::metrics::{Bleu, BleuTokens, corpus_bleu};
use lstm_tasks::{Files, PairOrigin, PairSource, Transduction};

pub fn run(command: &TranslateCommand) -> Result<(), CliError> {
    match command {
        TranslateCommand::Train(args) => {
            transduce::train(Transduction::Translation, source(&args.data), &args.train)
        }
        TranslateCommand::Eval(args) => eval(args),
        TranslateCommand::Run(args) => transduce::run(Transduction::Translation, args),
    }
}

fn source(args: &PairArgs) -> PairSource {
    let origin = match (&args.pairs, args.corpus) {
        (Some(train), _) => PairOrigin::Pairs(Files::absolute(train, args.val.as_deref())),
        (None, Some(CorpusName::EnZh)) => PairOrigin::EnglishChinese,
        (None, _) => PairOrigin::EnglishFrench,
    };
    PairSource {
        origin,
        reversed: args.reverse,
    }
}

fn eval(args: &TranslateEvalArgs) -> Result<(), CliError> {
    let other = args.pairs.as_deref();
    let other = other.map(|path| PairOrigin::Pairs(Files::absolute(path, Some(path))));
    let judged = transduce::judge(Transduction::Translation, other, &args.eval)?;
    let unit = args.by.unwrap_or_else(|| unit_of(&judged));
    let (tokens, name) = match unit {
        BleuUnit::Words => (BleuTokens::Words, "words, tokenised like 13a"),
        BleuUnit::Characters => (BleuTokens::Characters, "characters"),
    };
    let texts = judged.iter();
    let texts = texts.map(|one| (one.generated.as_str(), one.references()));
    let Bleu {
        score,
        precisions,
        brevity_penalty,
        ..
    } = corpus_bleu(tokens, texts);
    transduce::say_examples(&judged)?;
    let [p1, p2, p3, p4] = precisions.map(|p| 100.0 * p);
    say!(
        "BLEU         {score:.2}  ({p1:.1}/{p2:.1}/{p3:.1}/{p4:.1}, brevity {brevity_penalty:.3}; of {name})"
    );
    Ok(())
}

/// Characters if more than half of the references' text is Chinese.
fn unit_of(judged: &[Judged]) -> BleuUnit {
    let references = judged.iter().flat_map(Judged::references);
    let text: Vec<char> = references.flat_map(str::chars).collect();
    let is_chinese = |c: &&char| matches!(c, '\u{4E00}'..='\u{9FFF}');
    if 2 * text.iter().filter(is_chinese).count() > text.len() {
        BleuUnit::Characters
    } else {
        BleuUnit::Words
    }
}
