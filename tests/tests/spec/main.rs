//! Compares the equations with numbers recorded from PyTorch, checks that these numbers reveal the
//! known mistakes, and checks the table that traces each equation and the one that sets the theorem
//! beside the code. Reads the files of the fuzzer's corpora.

mod vectors;
mod torch;
mod training;
mod forecast;
mod plain;
mod plain_back;
mod mistake;
mod mistakes;
mod blindness;
mod traceability;
mod terms;
mod errata;
mod readers;
