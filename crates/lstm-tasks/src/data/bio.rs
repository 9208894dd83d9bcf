//! Spans as one BIO label for each word, and back.

use super::Argument;

/// The BIO label of each of `words` words: B-X and I-X in a span with role X, O elsewhere.
///
/// ```
/// use lstm_tasks::data::{arguments_of, labels_of};
///
/// let arguments = ["A0:0-1".parse()?, "V:2-2".parse()?];
/// let labels = labels_of(&arguments, 4);
/// assert_eq!(labels, ["B-A0", "I-A0", "B-V", "O"]);
/// assert_eq!(arguments_of(&labels), arguments);
/// # Ok::<(), String>(())
/// ```
///
/// # Panics
/// If an argument ends beyond the last word. If two overlap, the later one overwrites the earlier.
pub fn labels_of(arguments: &[Argument], words: usize) -> Vec<String> {
    let mut labels = vec!["O".to_owned(); words];
    for argument in arguments {
        for (n, label) in labels[argument.first..=argument.last]
            .iter_mut()
            .enumerate()
        {
            let place = if n == 0 { "B" } else { "I" };
            *label = format!("{place}-{}", argument.label);
        }
    }
    labels
}

/// The spans of a sequence of labels. An I-X without B-X or I-X before it is not legal; it begins a
/// span here.
pub fn arguments_of<S: AsRef<str>>(labels: &[S]) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = Vec::new();
    for (n, label) in labels.iter().enumerate() {
        let Some((place, role)) = label.as_ref().split_once('-') else {
            continue;
        };
        match arguments.last_mut() {
            Some(open) if place == "I" && open.last + 1 == n && open.label == role => open.last = n,
            _ => arguments.push(Argument {
                label: role.to_owned(),
                first: n,
                last: n,
            }),
        }
    }
    arguments
}
