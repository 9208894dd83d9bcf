//! The workspace's own code with the signatures of the stubs: errors are unwrapped, and types are
//! converted where a stub works on plain slices.

/// E1–E5
pub mod gates {
    pub use lstm_gates::{
        candidate, forget_gate, gates, preactivation, sigmoid, sigmoid_derivative, tanh_derivative,
    };
}

/// E6–E8
pub mod cell {
    use lstm_cell::{State, Tape};
    pub use lstm_cell::{cell_state, hidden_state, step};
    use lstm_gates::LstmParams;
    use nalgebra::DVector;

    /// [`lstm_cell::sequence`]
    pub fn sequence(p: &LstmParams<f64>, xs: &[DVector<f64>], initial: State<f64>) -> Tape<f64> {
        lstm_cell::sequence(p, xs, initial).unwrap()
    }
}

/// E9–E18
pub mod bptt {
    use lstm_bptt::LossGradient;
    pub use lstm_bptt::{
        accumulate, cell_gradient, clip_global_norm, gate_gradients, input_gradient,
        recurrent_gradient, step_back,
    };
    use lstm_cell::{State, Tape};
    use lstm_gates::LstmParams;
    use nalgebra::DVector;

    /// [`lstm_bptt::backward`]
    pub fn backward(
        p: &LstmParams<f64>,
        tape: &Tape<f64>,
        loss: &LossGradient<f64>,
        grad: &mut LstmParams<f64>,
    ) -> (Vec<DVector<f64>>, State<f64>) {
        let back = lstm_bptt::backward(p, tape, loss, grad).unwrap();
        (back.dx, back.initial)
    }
}

/// E9 and E11, truncated
pub mod truncation {
    use lstm_bptt::LossGradient;
    use lstm_cell::{State, Tape, sequence};
    use lstm_gates::LstmParams;
    use nalgebra::DVector;

    /// [`lstm_bptt::backward_truncated`]
    pub fn backward_truncated(
        p: &LstmParams<f64>,
        tape: &Tape<f64>,
        loss: &LossGradient<f64>,
        window: usize,
        grad: &mut LstmParams<f64>,
    ) -> (Vec<DVector<f64>>, State<f64>) {
        let back = lstm_bptt::backward_truncated(p, tape, loss, window, grad).unwrap();
        (back.dx, back.initial)
    }

    /// One call of [`lstm_bptt::backward_truncated`] gives the same.
    pub fn gradient_by_windows(
        p: &LstmParams<f64>,
        xs: &[DVector<f64>],
        initial: State<f64>,
        dh: &[DVector<f64>],
        window: usize,
    ) -> LstmParams<f64> {
        let tape = sequence(p, xs, initial).unwrap();
        let last = State::zeros(p.hidden_size());
        let dh = dh.to_vec();
        let mut grad = LstmParams::zeros(p.input_size(), p.hidden_size());
        backward_truncated(p, &tape, &LossGradient { dh, last }, window, &mut grad);
        grad
    }
}

/// The ids of E19, the targets and the mask of E21
pub mod text {
    use lstm_text::{Batch, Streams, Vocabulary, Windows};
    use std::ops::Range;

    /// [`Vocabulary::from_text`]
    pub fn vocabulary(text: &str) -> Vec<char> {
        Vocabulary::from_text(text).unwrap().chars().to_vec()
    }

    /// [`Vocabulary::encode`]
    pub fn encode(chars: &[char], text: &str) -> Option<Vec<u32>> {
        let vocabulary = Vocabulary::from_chars(chars.to_vec()).unwrap();
        vocabulary.encode(text).ok()
    }

    /// [`Vocabulary::decode`]
    pub fn decode(chars: &[char], ids: &[u32]) -> Option<String> {
        let vocabulary = Vocabulary::from_chars(chars.to_vec()).unwrap();
        vocabulary.decode(ids).ok()
    }

    /// [`Windows`]
    pub fn windows(tokens: &[u32], seq_len: usize) -> Vec<(&[u32], &[u32])> {
        let windows = Windows::new(tokens, seq_len).unwrap();
        let pair = |i| (windows.input(i), windows.target(i));
        (0..windows.len()).map(pair).collect()
    }

    /// [`Streams::stream`]
    pub fn stream(tokens: usize, batch_size: usize, b: usize) -> Range<usize> {
        let tokens = vec![0; tokens];
        Streams::new(&tokens, batch_size, 1).unwrap().stream(b)
    }

    /// [`Batch::from_spans`]
    pub fn batch(tokens: &[u32], seq_len: usize, spans: &[Range<usize>]) -> Batch {
        Batch::from_spans(tokens, seq_len, spans)
    }
}

/// E19–E21, E23, E25, E26
pub mod model {
    use lstm_gates::LstmParams;
    use lstm_model::{Alone, Dropout, Embedding, Head, Input, Layer, Span, Spec, Stack, StackPass};
    pub use lstm_model::{layer_parameter_count, look_up, softmax, table_gradient};
    use lstm_train::{Optimizer, OptimizerState};
    use nalgebra::{DMatrix, DVector};
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;

    /// [`Head::loss_and_gradient`] of a head whose logits are h itself: W_y = I, b_y = 0.
    pub fn loss_and_gradient(
        z: &DMatrix<f64>,
        targets: &[u32],
        mask: &[bool],
    ) -> (f64, DMatrix<f64>) {
        let mut head = Head::zeros(z.nrows(), z.nrows());
        head.w.fill_with_identity();
        let scale = 1.0 / mask.iter().filter(|&&m| m).count() as f64;
        let mut grad = head.clone();
        let (nats, dz) = head.loss_and_gradient(z, targets, mask, scale, &mut grad);
        (nats * scale, dz)
    }

    /// [`OptimizerState::step`] with [`Optimizer::ADAM`]
    pub fn adam(
        theta: &mut [f64],
        g: &[f64],
        m: &mut [f64],
        v: &mut [f64],
        n: i32,
        learning_rate: f64,
    ) {
        let weights = |s: &[f64]| Embedding::Table(DMatrix::from_column_slice(s.len(), 1, s));
        let mut state = OptimizerState {
            rule: Optimizer::ADAM,
            steps: n as u64 - 1,
            first: Some(weights(m)),
            second: Some(weights(v)),
        };
        let mut changed = weights(theta);
        state.step(&mut changed, &weights(g), learning_rate, &Alone);
        for (to, from) in [(theta, Some(changed)), (m, state.first), (v, state.second)] {
            let Some(Embedding::Table(from)) = from else {
                unreachable!("Adam keeps both moments");
            };
            to.copy_from_slice(from.as_slice());
        }
    }

    /// [`Stack::forward`]
    pub fn stack(layers: &[LstmParams<f64>], xs: &[DVector<f64>]) -> Vec<DVector<f64>> {
        let layers = layers.iter().map(Spec::from_params).collect();
        let stack = Stack { layers };
        let x = DMatrix::from_columns(xs);
        let tape = stack.forward(StackPass {
            input: Input::Dense(&x),
            initial: &stack.zero_states(1),
            span: Span::full(xs.len(), 1),
            dropout: None,
            team: &Alone,
        });
        let columns = tape.output().column_iter();
        columns.map(nalgebra::Matrix::into_owned).collect()
    }

    /// [`Dropout::apply`]
    pub fn dropout(x: &mut DVector<f64>, rate: f64, rng: &mut ChaCha8Rng) {
        let masks = Dropout {
            seed: rng.random(),
            step: 0,
            first_sequence: 0,
        };
        let mut column = DMatrix::from_column_slice(x.len(), 1, x.as_slice());
        masks.apply(0, rate, &mut column, 1);
        x.copy_from(&column.column(0));
    }
}

/// E24
pub mod sampling {
    use lstm_model::Sampler;

    /// [`Sampler::distribution`] by id instead of by rank.
    fn distribution(z: &[f64], tau: f64, k: Option<usize>, mass: Option<f64>) -> Vec<f64> {
        let mut p = vec![0.0; z.len()];
        for (id, share) in Sampler::new(tau, k, mass).unwrap().distribution(z) {
            p[id as usize] = share;
        }
        p
    }

    fn logits(p: &[f64]) -> Vec<f64> {
        p.iter().map(|p| p.ln()).collect()
    }

    /// E24 with a temperature alone
    pub fn temperature(z: &[f64], tau: f64) -> Vec<f64> {
        distribution(z, tau, None, None)
    }

    /// E24 with top-k alone
    pub fn top_k(p: &[f64], k: usize) -> Vec<f64> {
        distribution(&logits(p), 1.0, Some(k), None)
    }

    /// E24 with top-p alone
    pub fn top_p(p: &[f64], mass: f64) -> Vec<f64> {
        distribution(&logits(p), 1.0, None, Some(mass))
    }
}

pub mod generation;
pub mod translation;
pub mod summarisation;
pub mod roles;
pub mod forecasting;
pub mod beyond;
