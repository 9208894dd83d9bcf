//! The names that PyTorch gives the tensors of `nn.LSTM` and `nn.LSTMCell`, and the order of several
//! LSTMs.

use crate::ExchangeError;
use std::collections::{BTreeMap, BTreeSet};

const KINDS: [&str; 5] = ["weight_ih", "weight_hh", "weight_hr", "bias_ih", "bias_hh"];

/// A tensor's name, `{module}.{kind}_l{layer}{suffix}` of an LSTM or `{module}.{kind}` of a cell.
#[derive(Clone, Copy)]
struct Entry<'a> {
    module: &'a str,
    kind: &'static str,
    /// `None` in a cell.
    layer: Option<usize>,
    suffix: &'a str,
}

/// Splits a tensor's name; `None` if it is not a name from a recurrent module.
fn recurrent(name: &str) -> Option<Entry<'_>> {
    let (module, own) = name.rsplit_once('.').unwrap_or(("", name));
    let kind = KINDS.into_iter().find(|kind| own.starts_with(kind))?;
    let rest = &own[kind.len()..];
    let Some(layer) = rest.strip_prefix("_l") else {
        return rest.is_empty().then_some(Entry {
            module,
            kind,
            layer: None,
            suffix: "",
        });
    };
    let digits = layer.len() - layer.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let layer_number = layer[..digits].parse().ok()?;
    Some(Entry {
        module,
        kind,
        layer: Some(layer_number),
        suffix: &layer[digits..],
    })
}

/// Whether the name is that of a recurrent weight, or of a tensor from which a recurrent weight is
/// computed.
pub(super) fn is_recurrent(name: &str) -> bool {
    name.split('.').any(|part| part.starts_with("weight_hh"))
}

/// Whether a recurrent module gives this name.
pub(super) fn is_recurrent_tensor(name: &str) -> bool {
    recurrent(name).is_some()
}

/// A layer's names in the file: its tensors are called `{prefix}{kind}{end}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub prefix: String,
    pub end: String,
}

impl Place {
    pub fn name(&self, kind: &str) -> String {
        format!("{}{kind}{}", self.prefix, self.end)
    }
}

/// The layers of a file, bottom first. If the file has several LSTMs, `chosen` names them, bottom first;
/// if `chosen` is empty, their names must be numbered.
///
/// # Errors
/// If there is no LSTM, if the order of several LSTMs is not certain, if a layer is missing, or if a
/// layer is bidirectional or has a projection.
pub(super) fn layers<'a>(
    names: impl Iterator<Item = &'a String> + Clone,
    chosen: &[String],
) -> Result<Vec<Place>, ExchangeError> {
    let entries = names
        .clone()
        .filter_map(|name| Some((name, recurrent(name)?)));
    let mut modules: BTreeMap<&str, Vec<(&String, Entry<'_>)>> = BTreeMap::new();
    for (name, entry) in entries {
        modules.entry(entry.module).or_default().push((name, entry));
    }
    let order = order(&modules.keys().copied().collect::<Vec<_>>(), chosen)?;
    if order.is_empty() {
        return Err(ExchangeError::Lstm {
            why: "no LSTM: no tensor's name ends in weight_ih_l0 or weight_ih".into(),
            found: names.cloned().collect(),
        });
    }
    let mut layers = Vec::new();
    for module in order {
        layers.extend(places(module, &modules[module])?);
    }
    Ok(layers)
}

/// The layers of one module.
fn places(module: &str, entries: &[(&String, Entry<'_>)]) -> Result<Vec<Place>, ExchangeError> {
    let unsupported = |what: &str, name: &str| ExchangeError::Unsupported {
        what: format!("{what} (tensor {name})"),
    };
    for (name, entry) in entries {
        match (entry.suffix, entry.kind) {
            ("_reverse", _) => return Err(unsupported("a bidirectional LSTM", name)),
            ("", "weight_hr") => return Err(unsupported("an LSTM with a projection", name)),
            ("", _) => {}
            _ => return Err(unsupported("an LSTM with further tensors", name)),
        }
    }
    let prefix = match module {
        "" => String::new(),
        module => format!("{module}."),
    };
    let place = |end: String| Place {
        prefix: prefix.clone(),
        end,
    };
    let numbers: BTreeSet<Option<usize>> = entries.iter().map(|(_, entry)| entry.layer).collect();
    if numbers.len() == 1 && numbers.contains(&None) {
        return Ok(vec![place(String::new())]);
    }
    if let Some((name, _)) = entries.iter().find(|(_, entry)| entry.layer.is_none()) {
        return Err(unsupported("an LSTM that is a cell as well", name));
    }
    let all: Vec<Place> = (0..numbers.len())
        .map(|l| place(format!("_l{l}")))
        .collect();
    match (0..numbers.len()).find(|&l| !numbers.contains(&Some(l))) {
        None => Ok(all),
        Some(l) => Err(ExchangeError::Missing {
            tensor: all[l].name("weight_ih"),
        }),
    }
}

/// The modules in the order in which a sequence passes through them.
fn order<'a>(modules: &[&'a str], chosen: &'a [String]) -> Result<Vec<&'a str>, ExchangeError> {
    if !chosen.is_empty() {
        let unknown = chosen.iter().find(|name| !modules.contains(&name.as_str()));
        let twice = (1..chosen.len()).find(|&n| chosen[..n].contains(&chosen[n]));
        let why = unknown.map(|name| format!("no LSTM is named {name}"));
        let why = why.or_else(|| Some(format!("{} is named twice", chosen[twice?])));
        return match why {
            None => Ok(chosen.iter().map(String::as_str).collect()),
            Some(why) => Err(ExchangeError::Lstm {
                why,
                found: owned(modules),
            }),
        };
    }
    if modules.len() < 2 {
        return Ok(modules.to_vec());
    }
    let numbered: Option<Vec<_>> = modules
        .iter()
        .map(|name| Some((numbered(name)?, *name)))
        .collect();
    let mut numbered = numbered.unwrap_or_default();
    numbered.sort_by_key(|((_, number), _)| *number);
    let first = numbered
        .first()
        .map(|((stem, number), _)| (stem.clone(), *number));
    let is_next = |(stem, first): (String, usize)| {
        first <= 1
            && (first..)
                .zip(&numbered)
                .all(|(n, ((s, number), _))| *number == n && *s == stem)
    };
    if first.is_some_and(is_next) {
        return Ok(numbered.into_iter().map(|(_, name)| name).collect());
    }
    Err(ExchangeError::Lstms {
        found: owned(modules),
    })
}

fn owned(modules: &[&str]) -> Vec<String> {
    modules.iter().map(|name| (*name).to_owned()).collect()
}

/// A name's last number, and the name without it. `rnns.0` and `lstm1` have such a number.
fn numbered(name: &str) -> Option<(String, usize)> {
    let end = name.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = name[..end]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |n| n + 1);
    // The character before the digits may have more than one byte.
    let start = (start..end).find(|&n| name.is_char_boundary(n))?;
    let number = name[start..end].parse().ok()?;
    Some((format!("{}#{}", &name[..start], &name[end..]), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(modules: &[&str]) -> Vec<String> {
        modules
            .iter()
            .map(|module| format!("{module}.weight_hh"))
            .collect()
    }

    fn found(modules: &[&str], chosen: &[&str]) -> Result<Vec<String>, ExchangeError> {
        let chosen: Vec<String> = chosen.iter().map(|&name| name.to_owned()).collect();
        let places = layers(names(modules).iter(), &chosen)?;
        Ok(places.into_iter().map(|place| place.prefix).collect())
    }

    #[test]
    fn numbered_modules_are_a_stack_in_the_order_of_their_numbers() {
        let cells: Vec<String> = (0..12).map(|n| format!("net.cells.{n}")).collect();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let stack = found(&cells, &[]).unwrap();
        assert_eq!(
            (stack[2].as_str(), stack[10].as_str()),
            ("net.cells.2.", "net.cells.10.")
        );
        assert_eq!(
            found(&["lstm2", "lstm1"], &[]).unwrap(),
            ["lstm1.", "lstm2."]
        );
        assert_eq!(found(&["é1x", "é2x"], &[]).unwrap(), ["é1x.", "é2x."]);
    }

    #[test]
    fn an_order_that_is_not_certain_is_asked_for() {
        for modules in [
            &["encoder", "decoder"][..],
            &["lstm", "lstm1"],
            &["lstm1", "lstm3"],
            &["lstm2", "lstm3"],
            &["lstm1", "lstm01"],
            &["a.1", "b.2"],
        ] {
            let said = found(modules, &[]).unwrap_err().to_string();
            assert!(
                said.contains("--lstm") && said.contains(modules[0]),
                "{said}"
            );
            let last = modules[modules.len() - 1];
            assert_eq!(found(modules, &[last]).unwrap(), [format!("{last}.")]);
        }
        let said = |chosen: &[&str]| found(&["a", "b"], chosen).unwrap_err().to_string();
        assert!(said(&["c"]).starts_with("no LSTM is named c"));
        assert!(said(&["a", "a"]).starts_with("a is named twice"));
    }
}
