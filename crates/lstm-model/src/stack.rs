//! Layers on top of each other.

use crate::tensors::{export_layer, import_layer, joined};
use crate::{
    BatchState, Canonical, Dropout, Forward, Input, Layer, ModelError, Parameters, Pass, Span,
    Team, Tensors,
};
use nalgebra::DMatrix;

/// A stack of recurrent layers: h of layer l is x of layer l + 1 (E26; `return_sequences` in Keras).
#[derive(Clone, Debug, PartialEq)]
pub struct Stack<R> {
    /// Bottom layer first.
    pub layers: Vec<R>,
}

/// Dropout on the outputs of a stack's layers.
#[derive(Clone, Copy, Debug)]
pub struct StackDropout<'a> {
    /// The masks of this step.
    pub masks: Dropout,
    /// The rate on each layer's output. In E26 it is 0 for the last layer.
    pub rates: &'a [f64],
}

/// The arguments of a pass through a stack. The backward pass gets the same as the forward pass.
#[derive(Clone, Copy)]
pub struct StackPass<'a, T> {
    /// The input of the bottom layer.
    pub input: Input<'a, T>,
    /// h_0 and c_0 of each layer.
    pub initial: &'a [BatchState<T>],
    /// T, B, lengths and direction.
    pub span: Span<'a>,
    /// Dropout on the layers' outputs; `None` outside training.
    pub dropout: Option<StackDropout<'a>>,
    /// The threads that may work on the pass.
    pub team: &'a dyn Team,
}

impl<'a, T> StackPass<'a, T> {
    /// The arguments of layer `l`, which reads `input`.
    fn of_layer(&self, l: usize, input: Input<'a, T>) -> Pass<'a, T> {
        Pass {
            input,
            initial: &self.initial[l],
            span: self.span,
            team: self.team,
        }
    }
}

/// The values of the forward pass that the backward pass reads.
pub struct StackTape<R: Layer> {
    tapes: Vec<R::Tape>,
    /// The output of each layer after dropout, H×(T·B). The last layer's output is the stack's output;
    /// every other layer's is the input of the next layer.
    outputs: Vec<DMatrix<R::Scalar>>,
    /// h_T, c_T of each layer.
    pub last: Vec<BatchState<R::Scalar>>,
}

impl<R: Layer> Drop for StackTape<R> {
    fn drop(&mut self) {
        self.outputs.drain(..).for_each(R::recycle);
    }
}

impl<R: Layer> StackTape<R> {
    /// The top layer's h_t of every token, after its dropout, H×(T·B).
    pub fn output(&self) -> &DMatrix<R::Scalar> {
        self.outputs.last().expect("a stack has a layer")
    }
}

/// The gradients of a stack's inputs that its backward pass returns. It adds the gradients of the
/// weights to its argument `grad`.
#[derive(Debug)]
pub struct StackGradient<T> {
    /// The bottom layer's [`LayerGradient::dinput`](crate::LayerGradient::dinput).
    pub dinput: Option<DMatrix<T>>,
    /// dh_0 and dc_0 of each layer.
    pub dinitial: Vec<BatchState<T>>,
}

impl<R: Layer> Stack<R> {
    /// The top layer.
    pub fn top(&self) -> &R {
        self.layers.last().expect("a stack has a layer")
    }

    /// Zero states for `batch_size` sequences, one for each layer.
    pub fn zero_states(&self, batch_size: usize) -> Vec<BatchState<R::Scalar>> {
        self.layers
            .iter()
            .map(|layer| BatchState::zeros(layer.hidden_size(), batch_size))
            .collect()
    }
}

// ANCHOR: stack_forward
impl<R: Layer> Stack<R> {
    /// All layers over a batch.
    pub fn forward(&self, pass: StackPass<'_, R::Scalar>) -> StackTape<R> {
        let mut stack = StackTape {
            tapes: Vec::new(),
            outputs: Vec::new(),
            last: Vec::new(),
        };
        for (l, layer) in self.layers.iter().enumerate() {
            let input = stack.outputs.last().map_or(pass.input, Input::Dense);
            let Forward {
                mut outputs,
                last,
                tape,
            } = layer.forward(pass.of_layer(l, input));
            if let Some(StackDropout { masks, rates }) = pass.dropout {
                masks.apply(l, rates[l], &mut outputs, pass.span.batch_size);
            }
            stack.tapes.push(tape);
            stack.outputs.push(outputs);
            stack.last.push(last);
        }
        stack
    }
}
// ANCHOR_END: stack_forward

impl<R: Layer> Stack<R> {
    /// The backward pass: from the gradient of the output (H×(T·B)) and of every layer's last state.
    /// `pass` and `tape` are those of the forward pass. Gradients of the weights are *added* to `grad`.
    pub fn backward(
        &self,
        pass: StackPass<'_, R::Scalar>,
        tape: &StackTape<R>,
        doutput: DMatrix<R::Scalar>,
        dlast: &[BatchState<R::Scalar>],
        grad: &mut Self,
    ) -> StackGradient<R::Scalar> {
        let mut doutput = Some(doutput);
        let mut dinitial = Vec::new();
        for l in (0..self.layers.len()).rev() {
            let mut dy = doutput
                .take()
                .expect("the input of an upper layer is dense");
            if let Some(StackDropout { masks, rates }) = pass.dropout {
                masks.apply(l, rates[l], &mut dy, pass.span.batch_size);
            }
            let input = match l {
                0 => pass.input,
                _ => Input::Dense(&tape.outputs[l - 1]),
            };
            let back = self.layers[l].backward(
                pass.of_layer(l, input),
                &tape.tapes[l],
                &dy,
                &dlast[l],
                &mut grad.layers[l],
            );
            R::recycle(dy);
            doutput = back.dinput;
            dinitial.push(back.dinitial);
        }
        dinitial.reverse();
        StackGradient {
            dinput: doutput,
            dinitial,
        }
    }
}

impl<R: Layer> Parameters for Stack<R> {
    type Scalar = R::Scalar;
    crate::fields!(@parameters R::Scalar, layers);
}

impl<R: Layer<Scalar = f32>> Canonical for Stack<R> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        for (l, layer) in self.layers.iter().enumerate() {
            export_layer(layer, &joined(prefix, &l.to_string()), tensors);
        }
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        for (l, layer) in self.layers.iter_mut().enumerate() {
            import_layer(layer, &joined(prefix, &l.to_string()), tensors)?;
        }
        Ok(())
    }
}
