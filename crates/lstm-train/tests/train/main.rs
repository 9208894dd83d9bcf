//! Training with a toy application: optimisers, whole runs, and their files.

mod files;
mod optimizers;
mod room;
mod runs;
mod toy;
