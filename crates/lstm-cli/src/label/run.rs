//! `lstm label run`: sentences with their roles, in brackets or as JSON.

use crate::args::LabelRunArgs;
use crate::error::{CliError, say};
use crate::terminal::{for_output, has_colours, print_output};
use crate::text::texts;
use lstm_fast::Fast;
use lstm_tasks::RoleLabeler;
use lstm_tasks::data::{Argument, Frame, Sentence, to_srl_json};
use std::collections::BTreeSet;
use std::io::{Write, stdout};

pub fn run(args: &LabelRunArgs) -> Result<(), CliError> {
    let model = RoleLabeler::<Fast>::load(&args.model)?;
    let colour = has_colours();
    for texts in texts(&args.sentences, args.input.limit()) {
        for text in texts? {
            let sentence = label(&model, &text, &args.predicate)?;
            if args.json {
                print_output(&to_srl_json(&sentence).to_string())?;
            } else if sentence.frames.is_empty() {
                say!("{text}");
                say!("  (no word that is usually a predicate; name one with --predicate)");
            } else {
                for frame in &sentence.frames {
                    writeln!(
                        stdout(),
                        "{}",
                        in_brackets(&sentence.words, &frame.arguments, colour)
                    )?;
                }
            }
        }
    }
    Ok(())
}

/// A sentence with a frame for each given predicate, or for each word that usually is one.
fn label(model: &RoleLabeler<Fast>, text: &str, given: &[String]) -> Result<Sentence, CliError> {
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let predicates = match given {
        [] => model.usual_predicates(&words),
        given => positions(given, &words, text)?,
    };
    let found = model.label(&words, &predicates)?;
    let frame = |(predicate, arguments)| Frame {
        predicate,
        roleset: String::new(),
        arguments,
    };
    Ok(Sentence {
        id: String::new(),
        frames: predicates.into_iter().zip(found).map(frame).collect(),
        words,
    })
}

/// The positions of every occurrence of the given words.
fn positions(given: &[String], words: &[String], text: &str) -> Result<Vec<usize>, CliError> {
    let mut found = BTreeSet::new();
    for word in given {
        let mut places = (0..words.len()).filter(|&t| words[t] == *word).peekable();
        if places.peek().is_none() {
            return Err(CliError::NoSuchWord {
                word: word.clone(),
                sentence: text.to_owned(),
            });
        }
        found.extend(places);
    }
    Ok(found.into_iter().collect())
}

/// `[A0 The doctor] [V saw] [A1 a cat] .`, each role in its own colour.
pub fn in_brackets(words: &[String], arguments: &[Argument], colour: bool) -> String {
    let (mut parts, mut t) = (Vec::new(), 0);
    while let Some(word) = words.get(t) {
        let Some(argument) = arguments.iter().find(|argument| argument.first == t) else {
            parts.push(for_output(word).into_owned());
            t += 1;
            continue;
        };
        let (label, text) = (&argument.label, words[t..=argument.last].join(" "));
        let (on, off) = if colour {
            (format!("\x1b[{}m", colour_of(label)), "\x1b[0m")
        } else {
            (String::new(), "")
        };
        let named = format!("{label} {text}");
        parts.push(format!("{on}[{}]{off}", for_output(&named)));
        t = argument.last + 1;
    }
    parts.join(" ")
}

/// The code of the terminal's colour for a role; the verb is bold.
fn colour_of(label: &str) -> &'static str {
    let role = label.trim_start_matches("C-").trim_start_matches("R-");
    match role.trim_start_matches("ARG").trim_start_matches('A') {
        "V" | "" => "1",
        "0" => "34",
        "1" => "32",
        "2" => "35",
        "3" | "4" | "5" => "36",
        _ => "33",
    }
}
