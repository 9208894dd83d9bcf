//! Training without an application: optimisers, whole runs of a toy, and their files.

mod files;
mod optimizers;
mod runs;
mod toy;
