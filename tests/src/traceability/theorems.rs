//! Searches the proofs for claims about equations.

use super::{Mention, Place, Trace, mentions};
use std::fs;
use std::path::Path;

/// Adds the claims whose comment names an equation and that `proofs/proved.txt` lists as proved.
pub fn scan(root: &Path, traces: &mut [Trace]) {
    let proofs = root.join("proofs");
    let proved = fs::read_to_string(proofs.join("proved.txt")).unwrap();
    let mut paths = super::sources::files(&proofs, "v");
    // What is proved about an equation comes before what follows from it.
    paths.sort_by_key(|path| !path.ends_with("Statement.v"));
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let file = path.strip_prefix(root).unwrap().display().to_string();
        for (claim, comment) in claims(&text) {
            if !proved.contains(&format!(" : {claim}\n")) {
                continue;
            }
            for (number, _) in mentions(comment) {
                if let Some(trace) = traces.get_mut(number - 1) {
                    trace.theorems.push(Place {
                        mention: Mention::Named,
                        label: format!("`{claim}`"),
                        link: file.clone(),
                    });
                }
            }
        }
    }
}

/// The names of the claims `Definition … : Prop :=`, each with the comment right above it.
fn claims(text: &str) -> Vec<(&str, &str)> {
    let claim = |(at, _): (usize, &str)| {
        let rest = &text[at + "\nDefinition ".len()..];
        let (name, _) = rest.lines().next()?.split_once(" : Prop :=")?;
        let comment = text[..at].strip_suffix("*)")?;
        let start = comment.rfind("(**")?;
        Some((name, &comment[start..]))
    };
    text.match_indices("\nDefinition ")
        .filter_map(claim)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_read_with_its_comment_and_nothing_else_is() {
        let text = "(** E1 *)\nDefinition f : R := 1.\n\n(** (E9) and\n    more *)\nDefinition claim : Prop :=\n  True.\n\nDefinition bare : Prop := True.\n";
        assert_eq!(claims(text), [("claim", "(** (E9) and\n    more ")]);
    }
}
