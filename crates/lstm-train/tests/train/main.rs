//! Training with a toy application: optimisers, whole runs, and their files.

mod files;
mod linked;
mod metrics;
mod optimizers;
mod plain;
mod room;
mod runs;
mod settings;
mod states;
mod together;
mod toy;
mod writing;
