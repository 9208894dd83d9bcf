//! The labels B-X, I-X and O, and their legal order.

use crate::TasksError;
use std::collections::{BTreeSet, HashMap};

/// K labels of the BIO scheme with their ids.
///
/// B-X is the first word of a span with role X, I-X another word of the span, O a word outside all spans.
/// So I-X may follow only B-X or I-X; O and every B-X may follow any label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelSet {
    names: Vec<String>,
    ids: HashMap<String, u32>,
    /// For I-X, the ids of B-X and I-X; for all other labels `None`.
    inside: Vec<Option<[u32; 2]>>,
}

#[allow(clippy::len_without_is_empty, reason = "O is always in it")]
impl LabelSet {
    /// O, then B-X and I-X of every role in alphabetical order.
    ///
    /// ```
    /// let labels = lstm_tasks::LabelSet::from_roles(["V", "A0", "V"]);
    /// assert_eq!(labels.names(), ["O", "B-A0", "I-A0", "B-V", "I-V"]);
    /// ```
    pub fn from_roles<'a>(roles: impl IntoIterator<Item = &'a str>) -> Self {
        let roles: BTreeSet<&str> = roles.into_iter().collect();
        let spans = roles
            .iter()
            .flat_map(|r| [format!("B-{r}"), format!("I-{r}")]);
        let names = std::iter::once("O".to_owned()).chain(spans).collect();
        Self::from_names(names).expect("O, and B and I of different roles")
    }

    /// The set in which `names[k]` has id k.
    ///
    /// # Errors
    /// If O is missing, a name is listed twice or is not O, B-X or I-X, or B-X is missing for an I-X.
    pub fn from_names(names: Vec<String>) -> Result<Self, TasksError> {
        let mut ids = HashMap::with_capacity(names.len());
        for (name, id) in names.iter().zip(0..) {
            let known = name == "O"
                || ["B-", "I-"]
                    .iter()
                    .any(|p| name.strip_prefix(p).is_some_and(|role| !role.is_empty()));
            if !known {
                return Err(TasksError::label(name, "it is not O, B-X or I-X"));
            }
            if ids.insert(name.clone(), id).is_some() {
                return Err(TasksError::label(name, "it is listed twice"));
            }
        }
        if !ids.contains_key("O") {
            return Err(TasksError::label("O", "it is missing"));
        }
        let inside = names
            .iter()
            .zip(0..)
            .map(|(name, id)| match name.strip_prefix("I-") {
                None => Ok(None),
                Some(role) => match ids.get(&format!("B-{role}")) {
                    Some(&begin) => Ok(Some([begin, id])),
                    None => Err(TasksError::label(
                        name,
                        "the B- label of its role is missing",
                    )),
                },
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { names, ids, inside })
    }

    /// K, the number of labels.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// All names in the order of their ids.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The id of a name; `None` if it is not in the set.
    pub fn id(&self, name: &str) -> Option<u32> {
        self.ids.get(name).copied()
    }

    /// Whether a sentence may begin with label k.
    pub fn may_start(&self, k: usize) -> bool {
        self.inside[k].is_none()
    }

    /// Whether label k may come after label j.
    pub fn may_follow(&self, j: usize, k: usize) -> bool {
        self.inside[k].is_none_or(|before| before.contains(&(j as u32)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(names: &[&str]) -> String {
        let names = names.iter().map(|&n| n.to_owned()).collect();
        LabelSet::from_names(names).unwrap_err().to_string()
    }

    #[test]
    fn inside_follows_only_begin_or_inside_of_the_same_role() {
        let labels = LabelSet::from_roles(["A0", "A1"]);
        let id = |name| labels.id(name).unwrap() as usize;
        for (before, after, legal) in [
            ("B-A0", "I-A0", true),
            ("I-A0", "I-A0", true),
            ("O", "I-A0", false),
            ("B-A1", "I-A0", false),
            ("I-A1", "I-A0", false),
            ("I-A1", "B-A1", true),
            ("I-A1", "O", true),
        ] {
            assert_eq!(
                labels.may_follow(id(before), id(after)),
                legal,
                "{before} {after}"
            );
        }
        assert!(labels.may_start(id("B-A0")) && labels.may_start(id("O")));
        assert!(!labels.may_start(id("I-A0")));
    }

    #[test]
    fn names_that_are_not_a_bio_scheme_are_refused() {
        assert_eq!(message(&["B-A0"]), "label O: it is missing");
        assert_eq!(message(&["O", "O"]), "label O: it is listed twice");
        assert_eq!(message(&["O", "A0"]), "label A0: it is not O, B-X or I-X");
        assert_eq!(message(&["O", "B-"]), "label B-: it is not O, B-X or I-X");
        assert_eq!(
            message(&["O", "I-A0"]),
            "label I-A0: the B- label of its role is missing"
        );
    }
}
