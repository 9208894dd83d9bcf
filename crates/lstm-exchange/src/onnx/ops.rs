//! The operators: each computes its outputs from its inputs.

mod arrange;
mod control;
mod elementwise;
mod lstm;
mod number;
mod reduce;
mod reshape;
mod select;

use super::graph::body::{Body, Scope};
use super::operator::LstmOperator;
use super::proto::{Attribute, Node, kind};
use super::value::{Value, count};
use crate::{ExchangeError, Tensor};
use std::collections::BTreeMap;

/// What a computation may still use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// Numbers that it may keep.
    pub numbers: usize,
    /// Multiplications that it may do.
    pub products: usize,
}

impl Budget {
    /// The budget for files of this many numbers. A file of a few bytes could otherwise ask for more
    /// memory than there is.
    pub fn for_numbers(numbers: usize) -> Self {
        Self {
            numbers: (1 << 21) + 64_usize.saturating_mul(numbers),
            products: 1 << 36,
        }
    }
}

/// The state that all nodes of a computation share.
pub(super) struct Machine<'a> {
    /// The version of the operators.
    pub opset: i64,
    pub budget: &'a mut Budget,
    /// What computes the LSTMs.
    pub lstm: &'a mut dyn LstmOperator,
}

impl Machine<'_> {
    /// Borrows the machine for one node.
    pub fn again(&mut self) -> Machine<'_> {
        Machine {
            opset: self.opset,
            budget: self.budget,
            lstm: self.lstm,
        }
    }
}

/// One node, its inputs, and what its computation may use.
pub(super) struct Call<'a> {
    pub node: &'a Node,
    /// The node's attributes that are graphs.
    pub bodies: &'a BTreeMap<String, Body>,
    /// The outer values that these graphs may read.
    pub scope: &'a Scope<'a>,
    pub inputs: Vec<Option<&'a Value>>,
    pub machine: Machine<'a>,
}

type Outputs = Result<Vec<Value>, ExchangeError>;
type One = Result<Value, ExchangeError>;

impl Call<'_> {
    /// The node's outputs; there may be more than it names.
    pub fn run(&mut self) -> Outputs {
        if !matches!(self.node.domain.as_str(), "" | "ai.onnx") {
            return Err(ExchangeError::Unsupported {
                what: format!("the operator {}.{}", self.node.domain, self.node.op_type),
            });
        }
        let one = match self.node.op_type.as_str() {
            "If" => return self.branch(),
            "LSTM" => return self.lstm(),
            "Loop" => return self.repeat(),
            "Split" => return self.split(),
            "Cast" => self.cast(),
            "Clip" => self.clip(),
            "Concat" => self.concat(),
            "Constant" => self.constant(),
            "ConstantOfShape" => self.constant_of_shape(),
            "Dropout" => self.dropout(),
            "Expand" => self.expand(),
            "Flatten" => self.flatten(),
            "Gather" => self.gather(),
            "Gemm" => self.gemm(),
            "Identity" => self.known(&[]).and_then(|()| self.same(0)),
            "MatMul" => self.mat_mul(),
            "OneHot" => self.one_hot(),
            "Range" => self.range(),
            "Reshape" => self.reshape(),
            "ReverseSequence" => self.reverse_sequence(),
            "Shape" => self.shape(),
            "Size" => self.size(),
            "Slice" => self.slice(),
            "Softmax" | "LogSoftmax" => self.softmax(),
            "Squeeze" => self.squeeze(),
            "Tile" => self.tile(),
            "Transpose" => self.transpose(),
            "Unsqueeze" => self.unsqueeze(),
            "Where" => self.choose(),
            other if other.starts_with("Reduce") => self.reduce(),
            _ => self.elementwise(),
        };
        Ok(vec![one?])
    }

    fn unsupported(&self) -> ExchangeError {
        ExchangeError::Unsupported {
            what: format!("the operator {}", self.node.op_type),
        }
    }

    fn wrong(&self, why: impl Into<String>) -> ExchangeError {
        ExchangeError::Node {
            node: self.node.title(),
            why: why.into(),
        }
    }

    fn input(&self, n: usize) -> Result<&Value, ExchangeError> {
        self.optional(n)
            .ok_or_else(|| self.wrong(format!("has no input {n}")))
    }

    fn optional(&self, n: usize) -> Option<&Value> {
        self.inputs.get(n).copied().flatten()
    }

    /// Input n as integers.
    fn integers(&self, n: usize) -> Result<Vec<i64>, ExchangeError> {
        let numbers = self.input(n)?.integers();
        numbers.ok_or_else(|| self.wrong(format!("input {n} has numbers that are not integers")))
    }

    /// A copy of input n.
    fn same(&mut self, n: usize) -> One {
        let value = self.input(n)?.clone();
        self.pay(value.shape())?;
        Ok(value)
    }

    /// Refuses a node with another attribute than those in `names`.
    fn known(&self, names: &[&str]) -> Result<(), ExchangeError> {
        let unknown = |a: &&Attribute| !names.contains(&a.name.as_str());
        match self.node.attribute.iter().find(unknown) {
            Some(attribute) => Err(ExchangeError::Unsupported {
                what: format!("the attribute {} of {}", attribute.name, self.node.title()),
            }),
            None => Ok(()),
        }
    }

    fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.node.attribute.iter().find(|a| a.name == name)
    }

    fn int(&self, name: &str, default: i64) -> Result<i64, ExchangeError> {
        match self.attribute(name) {
            None => Ok(default),
            Some(a) if a.kind == kind::INT => Ok(a.i.unwrap_or(0)),
            Some(_) => Err(self.wrong(format!("its attribute {name} is not an integer"))),
        }
    }

    fn number(&self, name: &str, default: f64) -> Result<f64, ExchangeError> {
        match self.attribute(name) {
            None => Ok(default),
            Some(a) if a.kind == kind::FLOAT => Ok(a.f.unwrap_or(0.0).into()),
            Some(_) => Err(self.wrong(format!("its attribute {name} is not a number"))),
        }
    }

    fn ints(&self, name: &str) -> Result<Option<Vec<i64>>, ExchangeError> {
        match self.attribute(name) {
            None => Ok(None),
            Some(a) if a.kind == kind::INTS => Ok(Some(a.ints.clone())),
            Some(_) => Err(self.wrong(format!("its attribute {name} is not a list of integers"))),
        }
    }

    /// An axis of a tensor of `rank` dimensions; negative axes count from the end.
    fn axis(&self, axis: i64, rank: usize) -> Result<usize, ExchangeError> {
        let from_start = if axis < 0 {
            axis.saturating_add(rank as i64)
        } else {
            axis
        };
        usize::try_from(from_start)
            .ok()
            .filter(|&axis| axis < rank)
            .ok_or_else(|| self.wrong(format!("axis {axis} of {rank} dimensions")))
    }

    /// Takes a tensor of `shape` out of the budget; how many numbers it has.
    fn pay(&mut self, shape: &[usize]) -> Result<usize, ExchangeError> {
        let count = count(shape).filter(|&count| count <= self.machine.budget.numbers);
        let count = count.ok_or_else(|| self.too_large(shape))?;
        self.machine.budget.numbers -= count;
        Ok(count)
    }

    /// Takes as many multiplications as the sizes multiply to out of the budget.
    fn work(&mut self, sizes: &[usize]) -> Result<(), ExchangeError> {
        let products = count(sizes).filter(|&products| products <= self.machine.budget.products);
        let products = products.ok_or_else(|| self.too_large(sizes))?;
        self.machine.budget.products -= products;
        Ok(())
    }

    fn too_large(&self, sizes: &[usize]) -> ExchangeError {
        self.wrong(format!(
            "sizes {sizes:?} are too large for a file of this size"
        ))
    }

    /// A tensor of `shape` from numbers of another one, read with `strides` from index `start` on. The
    /// caller ensures that every index exists.
    fn pick(
        &mut self,
        data: &[f64],
        shape: &[usize],
        strides: &[isize],
        start: isize,
    ) -> Result<Tensor, ExchangeError> {
        let n = self.pay(shape)?;
        let (mut out, mut index, mut at) = (Vec::with_capacity(n), vec![0; shape.len()], start);
        for _ in 0..n {
            out.push(data[at as usize]);
            for axis in (0..shape.len()).rev() {
                index[axis] += 1;
                at += strides[axis];
                if index[axis] < shape[axis] {
                    break;
                }
                at -= strides[axis] * shape[axis] as isize;
                index[axis] = 0;
            }
        }
        Ok(Tensor::new(shape, out))
    }
}

/// How many numbers apart the neighbours along each dimension are.
fn strides(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * (shape[axis] as isize).max(1);
    }
    strides
}

/// The shape to which both broadcast, if there is one.
fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let size = |shape: &[usize], axis: usize| {
        (axis + shape.len())
            .checked_sub(rank)
            .map_or(1, |own| shape[own])
    };
    (0..rank)
        .map(|axis| match (size(a, axis), size(b, axis)) {
            (a, b) if a == b => Some(a),
            (1, b) => Some(b),
            (a, 1) => Some(a),
            _ => None,
        })
        .collect()
}

/// The strides of a tensor of shape `from` broadcast to `to`: zero along repeated dimensions.
fn broadcast_strides(from: &[usize], to: &[usize]) -> Vec<isize> {
    let own = strides(from);
    let missing = to.len() - from.len();
    let stride = |axis: usize| match axis.checked_sub(missing) {
        Some(n) if from[n] != 1 => own[n],
        _ => 0,
    };
    (0..to.len()).map(stride).collect()
}
