//! A trained model that reads and generates text, one character at a time.

use crate::cell::row;
use crate::mailbox::answer;
use crate::weights;
use lstm_cell::{State, step};
use lstm_gates::LstmParams;
use lstm_model::{Embedding, Layer, Network, Purpose, Sampler, Spec};
use nalgebra::DMatrix;

/// A model and its state after the characters it has read.
#[derive(Debug)]
pub struct Writer {
    network: Network<Spec<f64>>,
    /// The one layer, as lstm-cell takes it.
    params: LstmParams<f64>,
    vocabulary: Vec<char>,
    state: State<f64>,
    logits: Vec<f64>,
}

impl Writer {
    /// The model that [`weights::encode`] wrote; `None` for other bytes.
    pub fn load(bytes: &[u8]) -> Option<Self> {
        let (network, vocabulary) = weights::decode(bytes)?;
        let params = network.stack.layers[0].to_params();
        Some(Self {
            state: State::zeros(params.hidden_size()),
            logits: vec![0.0; vocabulary.len()],
            network,
            params,
            vocabulary,
        })
    }

    /// The network.
    pub fn network(&self) -> &Network<Spec<f64>> {
        &self.network
    }

    /// The characters by their ids.
    pub fn vocabulary(&self) -> &[char] {
        &self.vocabulary
    }

    /// `writer_vocabulary`: the code point of each character.
    pub fn code_points(&self, mailbox: &mut [f64]) -> Option<usize> {
        let points = self.vocabulary.iter().map(|&c| f64::from(u32::from(c)));
        answer(mailbox, &points.collect::<Vec<_>>())
    }

    /// `writer_reset`: the zero state (E8), before anything is read.
    pub fn reset(&mut self) {
        self.state = State::zeros(self.params.hidden_size());
        self.logits.fill(0.0);
    }

    /// `writer_read`: reads one character (E19, E1–E7, E20). Out: [`row`].
    pub fn read(&mut self, mailbox: &mut [f64], id: usize) -> Option<usize> {
        let Embedding::Table(table) = &self.network.embedding else {
            return None;
        };
        if id >= self.vocabulary.len() {
            return None;
        }
        let x_t = table.column(id).into_owned(); // E19
        let s = step(&self.params, &x_t, &self.state);
        self.state = s.state();
        let h = DMatrix::from_column_slice(s.h_t.len(), 1, s.h_t.as_slice());
        self.logits = self.network.head.logits(&h).as_slice().to_vec();
        answer(mailbox, &row(&s))
    }

    /// `writer_distribution`: the distribution of the next character (E24). In: τ. Out: the probability of each character.
    pub fn distribution(&self, mailbox: &mut [f64]) -> Option<usize> {
        let sampler = Sampler::new(mailbox[0], None, None).ok()?;
        let mut p = vec![0.0; self.logits.len()];
        for (id, of) in sampler.distribution(&self.logits) {
            p[id as usize] = of;
        }
        answer(mailbox, &p)
    }

    /// `writer_next`: samples character number `place` of the text of `seed` (E24), without reading
    /// it. In: τ.
    pub fn next(&self, mailbox: &[f64], seed: usize, place: usize) -> Option<usize> {
        let sampler = Sampler::new(mailbox[0], None, None).ok()?;
        let mut rng = Purpose::Sampling.rng(seed as u64, place as u64, 0);
        Some(sampler.sample(&self.logits, &mut rng) as usize)
    }
}
