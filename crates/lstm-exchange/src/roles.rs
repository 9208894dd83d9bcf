//! Finds the embedding and the head among the arrays that do not belong to an LSTM.

use crate::ExchangeError;
use crate::parts::Named;

/// What an array is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Embedding,
    Head,
}

/// A matrix with its bias, if it has one, whose role is to be found.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub kernel: Named,
    pub bias: Option<Named>,
    /// The role that its name gives it, if any.
    pub role: Option<Role>,
}

/// The sizes that the LSTM demands of the embedding and the head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// D of the bottom layer.
    pub input_size: usize,
    /// H of the top layer.
    pub hidden_size: usize,
    /// Whether a head's matrix is H×V instead of V×H.
    pub is_transposed: bool,
}

impl Sizes {
    /// V, if the candidate can be the head.
    fn vocab_size(self, candidate: &Candidate) -> Option<usize> {
        let &[rows, columns] = candidate.kernel.tensor.shape.as_slice() else {
            return None;
        };
        let (v, h) = if self.is_transposed {
            (columns, rows)
        } else {
            (rows, columns)
        };
        let bias_fits = |b: &Named| b.tensor.shape == [v];
        let fits = h == self.hidden_size && candidate.bias.as_ref().is_none_or(bias_fits);
        (fits && candidate.role != Some(Role::Embedding)).then_some(v)
    }

    fn can_embed(self, candidate: &Candidate, vocab_size: usize) -> bool {
        candidate.role != Some(Role::Head)
            && candidate.bias.is_none()
            && candidate.kernel.tensor.shape == [vocab_size, self.input_size]
    }
}

/// The embedding (`None` if the input is one-hot) and the head.
///
/// Names decide first, then shapes.
///
/// # Errors
/// If there is no way, or more than one, to give every candidate a role.
pub(crate) fn roles(
    mut candidates: Vec<Candidate>,
    sizes: Sizes,
) -> Result<(Option<Candidate>, Candidate), ExchangeError> {
    let mut ways: Vec<(Option<usize>, usize)> = Vec::new();
    // Of three candidates one would be left without a role.
    for head in (0..candidates.len()).filter(|_| candidates.len() <= 2) {
        let Some(v) = sizes.vocab_size(&candidates[head]) else {
            continue;
        };
        let other = (0..candidates.len()).find(|&n| n != head);
        match other {
            None if v == sizes.input_size => ways.push((None, head)),
            Some(n) if sizes.can_embed(&candidates[n], v) => ways.push((Some(n), head)),
            _ => {}
        }
    }
    match *ways.as_slice() {
        [(None, head)] => Ok((None, candidates.remove(head))),
        [(Some(embedding), head)] => {
            let head = candidates[head].clone();
            Ok((Some(candidates.swap_remove(embedding)), head))
        }
        _ => Err(ExchangeError::Roles {
            ways: if ways.is_empty() {
                "no way"
            } else {
                "two ways"
            },
            input_size: sizes.input_size,
            head: if sizes.is_transposed {
                format!("{}, V", sizes.hidden_size)
            } else {
                format!("V, {}", sizes.hidden_size)
            },
            found: describe(&candidates),
        }),
    }
}

fn describe(candidates: &[Candidate]) -> Vec<String> {
    if candidates.is_empty() {
        return vec!["nothing besides the LSTM".into()];
    }
    let arrays = candidates
        .iter()
        .flat_map(|c| std::iter::once(&c.kernel).chain(&c.bias));
    arrays.map(Named::describe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tensor;

    const SIZES: Sizes = Sizes {
        input_size: 4,
        hidden_size: 4,
        is_transposed: false,
    };

    fn candidate(name: &str, shape: [usize; 2], bias: Option<usize>) -> Candidate {
        let zeros = |shape: &[usize]| Tensor::new(shape, vec![0.0; shape.iter().product()]);
        Candidate {
            kernel: Named {
                name: name.into(),
                tensor: zeros(&shape),
            },
            bias: bias.map(|v| Named {
                name: "bias".into(),
                tensor: zeros(&[v]),
            }),
            role: None,
        }
    }

    #[test]
    fn a_bias_tells_the_head_and_without_one_only_a_name_does() {
        let head = |bias| candidate("b", [7, 4], bias);
        let (embedding, found) = roles(vec![candidate("a", [7, 4], None), head(Some(7))], SIZES)
            .expect("an embedding has no bias");
        assert_eq!(
            (embedding.unwrap().kernel.name, found.kernel.name),
            ("a".into(), "b".into())
        );

        let mut two = vec![candidate("a", [7, 4], None), head(None)];
        let said = roles(two.clone(), SIZES).unwrap_err().to_string();
        assert!(
            said.starts_with("two ways to read a [7, 4], b [7, 4] as"),
            "{said}"
        );
        two[0].role = Some(Role::Head);
        assert_eq!(roles(two, SIZES).unwrap().1.kernel.name, "a");
    }

    #[test]
    fn nothing_is_left_over() {
        let three = ["a", "b", "c"].map(|name| candidate(name, [7, 4], None));
        let said = roles(three.to_vec(), SIZES).unwrap_err().to_string();
        assert!(
            said.starts_with("no way to read a [7, 4], b [7, 4], c [7, 4]"),
            "{said}"
        );
        let one_hot = vec![candidate("a", [4, 4], Some(4))];
        assert!(roles(one_hot, SIZES).unwrap().0.is_none());
        assert!(roles(Vec::new(), SIZES).is_err());
    }
}
