//! A small model of a small language. The chapter on training shows its losses, and the chapter on
//! sampling samples from it.
//!
//! The language has a grammar of our own, so the probability of every text is known, and also the
//! smallest loss that a model can have. Everything is computed in double precision, because rounding
//! differs between machines, and after hundreds of steps in single precision the picture would too.

use crate::figures::{dashed, solid};
use lstm_bptt::clip_global_norm;
use lstm_model::{Alone, Batched, Init, Network, NetworkConfig, NetworkPass, Parameters, Purpose};
use lstm_plot::{Axis, Panel, PlotError, line_charts};
use lstm_tasks::{Corpus, Cut, TextSettings};
use lstm_text::Vocabulary;
use lstm_train::{Optimizer, OptimizerState, Schedule, ScheduleState};
use rand::{Rng, RngExt};
use std::sync::OnceLock;

const ADJECTIVES: [&str; 4] = ["old ", "small ", "wild ", "happy "];
pub const NOUNS: [&str; 4] = ["cat", "dog", "bird", "horse"];
const ADVERBS: [&str; 2] = ["often ", "never "];
const VERBS: [&str; 3] = ["sing", "run", "wait"];

/// A sentence of the language, such as "the old cats run and the dog often sings.", and −ln of its
/// probability. A verb agrees with its noun.
fn sentence(rng: &mut impl Rng) -> (String, f64) {
    let (mut text, mut nats) = (String::new(), 0.0);
    clause(&mut text, &mut nats, rng);
    if chance(&mut nats, rng) {
        text += " and ";
        clause(&mut text, &mut nats, rng);
    }
    text += ".\n";
    (text, nats)
}

/// Writes "the (adjective) noun(s) (adverb) verb(s)".
fn clause(text: &mut String, nats: &mut f64, rng: &mut impl Rng) {
    *text += "the ";
    if chance(nats, rng) {
        *text += choice(&ADJECTIVES, nats, rng);
    }
    *text += choice(&NOUNS, nats, rng);
    let plural = chance(nats, rng);
    *text += if plural { "s " } else { " " };
    if chance(nats, rng) {
        *text += choice(&ADVERBS, nats, rng);
    }
    *text += choice(&VERBS, nats, rng);
    *text += if plural { "" } else { "s" };
}

fn choice<'a>(of: &[&'a str], nats: &mut f64, rng: &mut impl Rng) -> &'a str {
    *nats += (of.len() as f64).ln();
    of[rng.random_range(0..of.len())]
}

fn chance(nats: &mut f64, rng: &mut impl Rng) -> bool {
    *nats += 2.0_f64.ln();
    rng.random()
}

/// Whether the language has this sentence, given without its line end.
pub fn is_sentence(line: &str) -> bool {
    let Some(inside) = line.strip_suffix('.') else {
        return false;
    };
    match inside.split_once(" and ") {
        Some((first, second)) => is_clause(first) && is_clause(second),
        None => is_clause(inside),
    }
}

fn is_clause(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let among = |words: &[&str], word| words.iter().any(|known| known.trim_end() == word);
    let (noun, verb) = match words[..] {
        ["the", noun, verb] => (noun, verb),
        ["the", a, noun, verb] if among(&ADJECTIVES, a) => (noun, verb),
        ["the", noun, b, verb] if among(&ADVERBS, b) => (noun, verb),
        ["the", a, noun, b, verb] if among(&ADJECTIVES, a) && among(&ADVERBS, b) => (noun, verb),
        _ => return false,
    };
    match (noun.strip_suffix('s'), verb.strip_suffix('s')) {
        (Some(noun), None) => NOUNS.contains(&noun) && VERBS.contains(&verb),
        (None, Some(verb)) => NOUNS.contains(&noun) && VERBS.contains(&verb),
        _ => false,
    }
}

const SEED: u64 = 1;
const HIDDEN_SIZE: usize = 40;
const SEQ_LEN: usize = 40;
const BATCH_SIZE: usize = 8;
const STEPS: u64 = 1000;
const EVAL_EVERY: u64 = 25;

/// A text of at least this many characters, and −ln of the probability of its sentences.
fn write(characters: usize, rng: &mut impl Rng) -> (String, f64) {
    let (mut text, mut nats) = (String::new(), 0.0);
    while text.len() < characters {
        let (sentence, its_nats) = sentence(rng);
        text += &sentence;
        nats += its_nats;
    }
    (text, nats)
}

/// A trained model, and its losses in training.
pub struct Trained {
    pub network: Network<Batched<f64>>,
    pub vocabulary: Vocabulary,
    /// Steps, each with the mean loss since the step before it in the list.
    pub train: Losses,
    /// Steps, each with the loss on held-out text.
    pub val: Losses,
    /// The loss of the grammar itself on the held-out text, in nats per character.
    pub floor: f64,
}

/// The held-out text: the same 5,000 characters in all runs.
pub fn held_out() -> String {
    judge().0
}

fn judge() -> (String, f64) {
    write(5_000, &mut Purpose::Check.rng(SEED, 1, 0))
}

/// Trains on a text of `characters`, whose streams restart with the given probability.
pub fn train(characters: usize, restart: f64) -> Trained {
    let (learned, _) = write(characters, &mut Purpose::Check.rng(SEED, 0, 0));
    let (judge, nats) = judge();
    let text = learned + &judge;
    let vocabulary = Vocabulary::from_text(&text).expect("a text");
    let ids = vocabulary.encode(&text).expect("its own characters");
    let data = TextSettings {
        cut: Cut::Streams,
        batch_size: BATCH_SIZE,
        seq_len: SEQ_LEN,
        val_fraction: judge.len() as f64 / text.len() as f64,
        restart,
        seed: SEED,
    };
    let (network, train, val) = fit(vocabulary.len(), &ids, data);
    Trained {
        network,
        floor: nats / judge.len() as f64,
        vocabulary,
        train,
        val,
    }
}

type Losses = Vec<(f64, f64)>;

/// The network after all steps, with the losses in training and on the held-out text.
fn fit(
    vocab_size: usize,
    ids: &[u32],
    data: TextSettings,
) -> (Network<Batched<f64>>, Losses, Losses) {
    let mut corpus = Corpus::new(ids, data).expect("a text that is long enough");
    let config = NetworkConfig {
        vocab_size,
        embed_size: 0,
        hidden_size: HIDDEN_SIZE,
        layers: 1,
        dropout: 0.0,
        head_dropout: 0.0,
        init: Init::GlorotOrthogonal,
    };
    let mut network: Network<Batched<f64>> = Network::init(config, SEED).expect("valid sizes");
    let mut grad = network.zeros_like();
    let mut optimizer = OptimizerState::new(Optimizer::ADAM, &network);
    let cosine = Schedule::Cosine { steps: STEPS };
    let schedule = ScheduleState::new(cosine, 1e-2).expect("a positive rate");
    let mut states = network.zero_states(BATCH_SIZE);
    let none = network.zero_states(BATCH_SIZE);
    let (mut curve, mut val, mut interval) = (Vec::new(), Vec::new(), 0.0);
    for step in 0..=STEPS {
        if step % EVAL_EVERY == 0 {
            let held_out = corpus.validation().expect("a part was held out");
            let loss = network.evaluate(held_out.chunks(), &Alone).mean();
            val.push((step as f64, loss.expect("it has tokens")));
        }
        let (batch, fresh) = corpus.batch(step);
        if fresh {
            states = none.clone();
        }
        for stream in corpus.restarts(step) {
            states.iter_mut().for_each(|state| state.set_zero(stream));
        }
        grad.set_zero();
        let scale = 1.0 / batch.tokens() as f64;
        let (loss, _) =
            network.loss_and_gradient(NetworkPass::new(&batch, &states), scale, &none, &mut grad);
        states = loss.last;
        interval += loss.nats * scale / EVAL_EVERY as f64;
        if step == 0 {
            curve.push((0.0, loss.nats * scale));
        }
        if (step + 1) % EVAL_EVERY == 0 {
            curve.push(((step + 1) as f64, interval));
            interval = 0.0;
        }
        clip_global_norm(&mut grad.slices_mut(), 5.0);
        let rate = schedule.rate(step);
        optimizer.step(&mut network, &grad, rate, &Alone);
    }
    curve.retain(|&(step, _)| step <= STEPS as f64);
    (network, curve, val)
}

/// The model that was trained on a long text.
pub fn trained() -> &'static Trained {
    static MODEL: OnceLock<Trained> = OnceLock::new();
    MODEL.get_or_init(|| train(24_000, 0.0))
}

/// Training and validation loss, with a long text and with a short one.
pub fn loss_curves() -> Result<String, PlotError> {
    let few = train(1_400, 0.0);
    let panel = |title: &str, run: &Trained| Panel {
        x: Axis::linear(title, &[0.0, 250.0, 500.0, 750.0, 1000.0]),
        y: Axis::linear(
            "nats per character",
            &[0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5],
        ),
        curves: vec![
            solid("training", run.train.clone()),
            solid("validation", run.val.clone()),
            dashed(
                "the grammar's own",
                vec![(0.0, run.floor), (STEPS as f64, run.floor)],
            ),
        ],
    };
    line_charts(
        "Loss against steps, with 24,000 characters of text and with 1,400",
        &[
            panel("step, 24,000 characters", trained()),
            panel("step, 1,400 characters", &few),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_accepts_the_sentences_that_it_writes() {
        let mut rng = Purpose::Check.rng(7, 0, 0);
        for _ in 0..1000 {
            let (text, nats) = sentence(&mut rng);
            assert!(is_sentence(text.trim_end()), "{text}");
            assert!(nats > 0.0);
        }
        for wrong in [
            "the cats runs.",
            "the cat often run.",
            "the old old cat runs.",
            "the cat runs and.",
            "the cat runs",
            "cat runs.",
            "",
        ] {
            assert!(!is_sentence(wrong), "{wrong}");
        }
    }

    /// The statements of the page about its figure.
    #[test]
    fn a_long_text_comes_near_the_floor_and_a_short_one_is_memorised() {
        let last = |curve: &[(f64, f64)]| curve[curve.len() - 1].1;
        let plenty = trained();
        let guessing = (plenty.vocabulary.len() as f64).ln();
        assert!((plenty.val[0].1 - guessing).abs() < 0.2, "{guessing}");
        assert!(last(&plenty.val) < 1.12 * plenty.floor);
        assert!((last(&plenty.val) - last(&plenty.train)).abs() < 0.03);
        let few = train(1_400, 0.0);
        assert!(last(&few.train) < 0.8 * few.floor);
        let best = few.val.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
        assert!(last(&few.val) > 1.05 * best && best > 1.2 * few.floor);
    }
}
