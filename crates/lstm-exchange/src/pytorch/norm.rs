//! Weight normalisation: a weight that is stored as its direction v and its length g.
//!
//! ```text
//! W = g · v / ‖v‖
//! ```
//! The norm is over all dimensions in which g has size 1; with `nn.utils.weight_norm`, all but the
//! first.

use crate::{ExchangeError, Tensor, Tensors};

/// Replaces lengths and directions by the weights. A length and its direction are called
///
/// - `weight_g` and `weight_v` by `torch.nn.utils.weight_norm`,
/// - `parametrizations.weight.original0` and `original1` by its successor in
///   `torch.nn.utils.parametrizations`.
///
/// # Errors
/// If one of the two is missing, if the file also has the weight itself, if g does not fit v, or if a
/// weight is computed in another way.
pub(super) fn resolve(tensors: &mut Tensors) -> Result<(), ExchangeError> {
    let names: Vec<String> = tensors.keys().cloned().collect();
    for length in &names {
        let Some((direction, weight)) = normed(length) else {
            expect_plain(length)?;
            continue;
        };
        let missing = || ExchangeError::Missing {
            tensor: direction.clone(),
        };
        let v = tensors.remove(&direction).ok_or_else(missing)?;
        let g = tensors.remove(length).expect("it is among the names");
        let shape_of_g = g.shape.clone();
        let w = product(&g, &v).ok_or_else(|| ExchangeError::Shape {
            tensor: length.clone(),
            found: shape_of_g,
            expected: v
                .shape
                .iter()
                .enumerate()
                .map(|(n, &size)| if n == 0 { size } else { 1 })
                .collect(),
        })?;
        if tensors.insert(weight.clone(), w).is_some() {
            return Err(ExchangeError::Unsupported {
                what: format!("a file with {weight} beside {length} and {direction}"),
            });
        }
    }
    let is_direction = |name: &&String| {
        name.ends_with(".original1") || name.strip_suffix("_v").is_some_and(is_weight)
    };
    let direction = tensors.keys().find(is_direction);
    match direction {
        Some(name) => Err(ExchangeError::Missing {
            tensor: lengthened(name),
        }),
        None => Ok(()),
    }
}

/// The name of the length that belongs to a direction.
fn lengthened(direction: &str) -> String {
    match direction.strip_suffix(".original1") {
        Some(stem) => format!("{stem}.original0"),
        None => format!("{}_g", &direction[..direction.len() - 2]),
    }
}

/// The names of the direction and the weight; `None` if `length` is not the name of a length.
fn normed(length: &str) -> Option<(String, String)> {
    if let Some(stem) = length.strip_suffix(".original0") {
        let (module, own) = stem.rsplit_once("parametrizations.")?;
        return Some((format!("{stem}.original1"), format!("{module}{own}")));
    }
    let stem = length.strip_suffix("_g")?;
    is_weight(stem).then(|| (format!("{stem}_v"), stem.to_owned()))
}

fn is_weight(name: &str) -> bool {
    let own = name.rsplit('.').next().unwrap_or(name);
    own.starts_with("weight") || own.starts_with("bias")
}

/// Refuses a tensor from which a weight is computed in another way, recognised by its name.
fn expect_plain(name: &str) -> Result<(), ExchangeError> {
    let own = name.rsplit('.').next().unwrap_or(name);
    let kinds = [
        (
            "_mask",
            "pruning (make it permanent with torch.nn.utils.prune.remove)",
        ),
        ("_u", "spectral normalisation"),
        ("_orig", "a weight that is computed from others"),
        ("_raw", "a weight that is computed from others"),
    ];
    let what = kinds
        .iter()
        .find(|(end, _)| own.strip_suffix(end).is_some_and(is_weight));
    let what = what.map(|(_, what)| *what);
    let is_paired = own == "original0" || own == "original1";
    let is_other = name.contains("parametrizations.") && !is_paired;
    match what.or(is_other.then_some("a parametrization other than weight normalisation")) {
        Some(what) => Err(ExchangeError::Unsupported {
            what: format!("{what} (tensor {name})"),
        }),
        None => Ok(()),
    }
}

/// g · v / ‖v‖; `None` if the shapes do not fit.
fn product(g: &Tensor, v: &Tensor) -> Option<Tensor> {
    let is_kept: Vec<bool> = match g.shape.len() {
        0 => vec![false; v.shape.len()],
        _ => g.shape.iter().map(|&size| size != 1).collect(),
    };
    let fits = is_kept.len() == v.shape.len()
        && is_kept.iter().filter(|&&kept| kept).count() <= 1
        && g.shape
            .iter()
            .zip(&v.shape)
            .all(|(&own, &size)| own == 1 || own == size);
    if !fits {
        return None;
    }
    // The index of the g that belongs to an element of v.
    let kept = is_kept.iter().position(|&kept| kept);
    let (size, below): (usize, usize) = match kept {
        None => (1, v.data.len()),
        Some(n) => (v.shape[n], v.shape[n + 1..].iter().product()),
    };
    let group = |n: usize| n / below % size;
    let mut squares = vec![0.0; size];
    for (n, value) in v.data.iter().enumerate() {
        squares[group(n)] += value * value;
    }
    let scaled = v.data.iter().enumerate();
    let data = scaled.map(|(n, value)| value * (g.data[group(n)] / squares[group(n)].sqrt()));
    Some(Tensor::new(&v.shape, data.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensors(all: &[(&str, &[usize])]) -> Tensors {
        let tensor = |shape: &[usize]| Tensor::new(shape, vec![2.0; shape.iter().product()]);
        all.iter()
            .map(|&(name, shape)| (name.to_owned(), tensor(shape)))
            .collect()
    }

    #[test]
    fn the_shape_of_g_says_along_which_dimension_the_norm_is_taken() {
        let v = Tensor::new(&[2, 2], vec![3.0, 4.0, 5.0, 12.0]);
        let product = |shape: &[usize], g: &[f64]| product(&Tensor::new(shape, g.to_vec()), &v);
        let rows = product(&[2, 1], &[10.0, 26.0]).unwrap();
        assert_eq!(rows.data, [6.0, 8.0, 10.0, 24.0]);
        let columns = product(&[1, 2], &[34.0_f64.sqrt(), 160.0_f64.sqrt()]).unwrap();
        approx::assert_abs_diff_eq!(columns.data[..], v.data[..], epsilon = 1e-14);
        let whole = product(&[], &[194.0_f64.sqrt() * 2.0]).unwrap();
        approx::assert_abs_diff_eq!(whole.data[..], [6.0, 8.0, 10.0, 24.0], epsilon = 1e-14);
        for (shape, g) in [
            (&[2][..], &[1.0, 1.0][..]),
            (&[3, 1], &[1.0; 3]),
            (&[2, 2], &[1.0; 4]),
        ] {
            assert_eq!(product(shape, g), None);
        }
    }

    #[test]
    fn what_is_no_weight_normalisation_is_refused_by_its_name() {
        let said = |all: &[(&str, &[usize])]| resolve(&mut tensors(all)).unwrap_err().to_string();
        let (g, v): (&[usize], &[usize]) = (&[2, 1], &[2, 3]);
        assert_eq!(said(&[("a.weight_g", g)]), "tensor a.weight_v is missing");
        assert_eq!(said(&[("a.weight_v", v)]), "tensor a.weight_g is missing");
        assert_eq!(
            said(&[("a.parametrizations.weight.original1", v)]),
            "tensor a.parametrizations.weight.original0 is missing"
        );
        assert!(said(&[("a.weight_g", g), ("a.weight_v", v), ("a.weight", v)]).contains("beside"));
        assert!(said(&[("a.weight_g", v), ("a.weight_v", v)]).contains("expected [2, 1]"));
        assert!(said(&[("a.weight_u", &[2]), ("a.weight_v", &[3])]).contains("spectral"));
        assert!(said(&[("a.weight_orig", v), ("a.weight_mask", v)]).contains("pruning"));
        assert!(said(&[("a.parametrizations.weight.original", v)]).contains("parametrization"));
        assert!(said(&[("l.weight_hh_l0_raw", v)]).contains("computed from others"));
    }
}
