//! The figures of the book, by the names of their files.

use crate::drawings::drawings;
use crate::{
    cell, cold_start, forgetting, gradcheck, horizon, machines, measure, model, recall, sampling,
    speed, translation,
};
use lstm_benches::Records;
use lstm_gates::{sigmoid, sigmoid_derivative, tanh, tanh_derivative};
use lstm_plot::{Axis, Curve, HeatMap, Panel, PlotError, Range, Rows, heat_map, line_charts};
use std::error::Error;

/// All figures and tables, each with the name of its file.
///
/// # Errors
/// If a figure cannot be drawn, or the record cannot be read.
pub fn figures() -> Result<Vec<(&'static str, String)>, Box<dyn Error>> {
    let record = Records::shown()?;
    let figures = vec![
        ("cell.svg", cell::step()?),
        ("activations.svg", activations()?),
        ("fixed_points.svg", forgetting::fixed_points()?),
        ("plain_gradient.svg", forgetting::plain_gradient()?),
        ("latch.svg", latch()?),
        ("memory.svg", memory()?),
        ("missing_carousel.svg", forgetting::missing_carousel()?),
        ("gradient_flow.svg", gradient_flow()?),
        ("truncation.svg", truncation()?),
        ("horizon.svg", horizon::horizon()?),
        ("gradcheck.svg", gradcheck::without_the_carousel()?),
        ("loss_curves.svg", model::loss_curves()?),
        ("cold_start.svg", cold_start::cold_start()?),
        ("temperature.svg", sampling::temperature()?),
        ("sentence.svg", sampling::sentence()?),
        ("writer.svg", sampling::writer()?),
        ("attention.svg", translation::attention_map()?),
        ("ladder.svg", speed::ladder(&record)?),
        ("scaling.svg", speed::scaling(&record)?),
        ("recall.svg", recall::figure()?),
    ];
    let drawn = figures.into_iter().chain(drawings());
    Ok(drawn.chain(machines::tables()).collect())
}

fn activations() -> Result<String, PlotError> {
    let panel = |ticks: &[f64], name, f: fn(f64) -> f64, slope_name, slope: fn(f64) -> f64| {
        let along = |f: &dyn Fn(f64) -> f64| {
            let a = (-60..=60).map(|n| f64::from(n) / 10.0);
            a.map(|a| (a, f(a))).collect()
        };
        Panel {
            x: Axis::linear("a", &[-6.0, -3.0, 0.0, 3.0, 6.0]),
            y: Axis::linear("", ticks),
            curves: vec![
                solid(name, along(&f)),
                dashed(slope_name, along(&|a| slope(f(a)))),
            ],
        }
    };
    let half = [0.0, 0.25, 0.5, 0.75, 1.0];
    let whole = [-1.0, -0.5, 0.0, 0.5, 1.0];
    line_charts(
        "σ and tanh with their derivatives",
        &[
            panel(&half, "σ", sigmoid, "σ′", sigmoid_derivative),
            panel(&whole, "tanh", tanh, "tanh′", tanh_derivative),
        ],
    )
}

fn latch() -> Result<String, PlotError> {
    let tape = measure::latch(24, &[3, 13, 18]);
    let row = |name: &str, range, of: fn(&lstm_cell::Step<f64>) -> f64| Rows {
        name: name.to_owned(),
        range,
        values: vec![tape.steps.iter().map(of).collect()],
    };
    heat_map(&HeatMap {
        title: "One cell over 24 steps".to_owned(),
        columns: (1..=tape.seq_len()).map(|t| t.to_string()).collect(),
        groups: vec![
            row("i", Range::INPUT_GATE, |s| s.gates.i_t[0]),
            row("f", Range::FORGET_GATE, |s| s.gates.f_t[0]),
            row("g", Range::CANDIDATE, |s| s.gates.g_t[0]),
            row("o", Range::OUTPUT_GATE, |s| s.gates.o_t[0]),
            row("c", Range::Signed, |s| s.c_t[0]),
            row("h", Range::Signed, |s| s.h_t[0]),
        ],
        cell_width: 27.0,
        cell_height: 24.0,
    })
}

fn memory() -> Result<String, PlotError> {
    let curve = |name, f| solid(name, numbered(measure::memory(f, 100)));
    let panel = Panel {
        x: Axis::linear("steps", &[0.0, 20.0, 40.0, 60.0, 80.0, 100.0]),
        y: Axis::linear("fraction of the cell left", &[0.0, 0.25, 0.5, 0.75, 1.0]),
        curves: vec![
            curve("f = 1", 1.0),
            curve("f = 0.99", 0.99),
            curve("f = 0.9", 0.9),
            curve("f = 0.5", 0.5),
        ],
    };
    line_charts(
        "The fraction of a cell that is left, against the number of steps",
        &[panel],
    )
}

fn gradient_flow() -> Result<String, PlotError> {
    let curve = |name, bias| solid(name, numbered(measure::lstm_flow(bias, 100)));
    let panel = Panel {
        x: Axis::linear("distance T − t", &[0.0, 20.0, 40.0, 60.0, 80.0, 100.0]),
        y: Axis::powers_of_ten("gradient, relative", &[-20, -15, -10, -5, 0, 2]),
        curves: vec![
            curve("LSTM, forget bias 3", 3.0),
            curve("LSTM, forget bias 1", 1.0),
            curve("LSTM, forget bias 0", 0.0),
            dashed("plain tanh network", numbered(measure::rnn_flow(100))),
        ],
    };
    line_charts("The norm of the gradient against distance", &[panel])
}

fn truncation() -> Result<String, PlotError> {
    const WINDOWS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
    let windows = WINDOWS.map(|w| w as f64);
    let curve = |name, bias| {
        let errors = measure::truncation_error(bias, 128, &WINDOWS);
        solid(name, windows.into_iter().zip(errors).collect())
    };
    let panel = Panel {
        x: Axis::logarithmic("window", &windows),
        y: Axis::linear(
            "relative error of the gradient",
            &[0.0, 0.25, 0.5, 0.75, 1.0],
        ),
        curves: vec![
            curve("forget bias 3", 3.0),
            curve("forget bias 1", 1.0),
            curve("forget bias 0", 0.0),
        ],
    };
    line_charts(
        "The error of the truncated gradient against the window",
        &[panel],
    )
}

pub fn solid(name: &str, points: Vec<(f64, f64)>) -> Curve {
    Curve {
        name: name.to_owned(),
        points,
        dashed: false,
        mark: None,
    }
}

pub fn dashed(name: &str, points: Vec<(f64, f64)>) -> Curve {
    Curve {
        dashed: true,
        mark: None,
        ..solid(name, points)
    }
}

fn numbered(values: Vec<f64>) -> Vec<(f64, f64)> {
    (0..).map(f64::from).zip(values).collect()
}
