//! Which of the arrays around an LSTM is the embedding and which the head.

use crate::ExchangeError;
use crate::parts::Named;

/// What a name says about a pair of arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Embedding,
    Head,
}

/// A matrix, and a bias if it has one.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub kernel: Named,
    pub bias: Option<Named>,
    /// If its name says so.
    pub role: Option<Role>,
}

/// What the LSTM asks of the two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// D of the bottom layer.
    pub input_size: usize,
    /// H of the top layer.
    pub hidden_size: usize,
    /// A head's kernel is H×V in place of V×H.
    pub is_transposed: bool,
}

impl Place {
    /// V, if this can be the head.
    fn vocab_size(self, candidate: &Candidate) -> Option<usize> {
        let &[rows, columns] = candidate.kernel.tensor.shape.as_slice() else {
            return None;
        };
        let (v, h) = match self.is_transposed {
            true => (columns, rows),
            false => (rows, columns),
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

/// The embedding, if the input is not one-hot, and the head: whatever names leave open, the shapes must
/// decide, and every candidate must have its place.
pub(crate) fn roles(
    mut candidates: Vec<Candidate>,
    place: Place,
) -> Result<(Option<Candidate>, Candidate), ExchangeError> {
    let mut ways: Vec<(Option<usize>, usize)> = Vec::new();
    // More than an embedding and a head leave something over.
    for head in (0..candidates.len()).filter(|_| candidates.len() <= 2) {
        let Some(v) = place.vocab_size(&candidates[head]) else {
            continue;
        };
        let other = (0..candidates.len()).find(|&n| n != head);
        match other {
            None if v == place.input_size => ways.push((None, head)),
            Some(n) if place.can_embed(&candidates[n], v) => ways.push((Some(n), head)),
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
            input_size: place.input_size,
            head: match place.is_transposed {
                true => format!("{}, V", place.hidden_size),
                false => format!("V, {}", place.hidden_size),
            },
            found: describe(&candidates),
        }),
    }
}

fn describe(candidates: &[Candidate]) -> Vec<String> {
    if candidates.is_empty() {
        return vec!["nothing beside the LSTM".into()];
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

    const PLACE: Place = Place {
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
        let (embedding, found) = roles(vec![candidate("a", [7, 4], None), head(Some(7))], PLACE)
            .expect("an embedding has no bias");
        assert_eq!(
            (embedding.unwrap().kernel.name, found.kernel.name),
            ("a".into(), "b".into())
        );

        let mut two = vec![candidate("a", [7, 4], None), head(None)];
        let said = roles(two.clone(), PLACE).unwrap_err().to_string();
        assert!(
            said.starts_with("two ways to read a [7, 4], b [7, 4] as"),
            "{said}"
        );
        two[0].role = Some(Role::Head);
        assert_eq!(roles(two, PLACE).unwrap().1.kernel.name, "a");
    }

    #[test]
    fn nothing_is_left_over() {
        let three = ["a", "b", "c"].map(|name| candidate(name, [7, 4], None));
        let said = roles(three.to_vec(), PLACE).unwrap_err().to_string();
        assert!(
            said.starts_with("no way to read a [7, 4], b [7, 4], c [7, 4]"),
            "{said}"
        );
        let one_hot = vec![candidate("a", [4, 4], Some(4))];
        assert!(roles(one_hot, PLACE).unwrap().0.is_none());
        assert!(roles(Vec::new(), PLACE).is_err());
    }
}
