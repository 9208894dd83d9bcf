//! Files of PyTorch: what is read of them, and what is refused.

mod build;
mod checkpoints;
mod code;
mod damage;
mod names;
