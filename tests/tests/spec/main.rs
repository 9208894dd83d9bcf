//! The equations against PyTorch's recorded numbers, those numbers against every mistake we could
//! think of, and the table that traces each equation.

mod vectors;
mod torch;
mod training;
mod plain;
mod plain_back;
mod mistake;
mod mistakes;
mod blindness;
mod traceability;
mod errata;
mod recall;
