//! The files of Keras, made here: what is read gives the same weights, what is refused is named.

mod archives;
mod configurations;
mod graphs;
mod legacy;
mod made;
mod order;
mod shards;
