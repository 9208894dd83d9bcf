//! Mistakes in semantic roles.

use crate::rejects;
use exercises::judge::roles as judge;
use exercises::solutions::roles as right;
use nalgebra::DVector;

#[test]
fn log_partition() {
    rejects(
        judge::log_partition(|e, a, start, end| {
            right::log_partition(e, &a.transpose(), start, end)
        }),
        "row and column exchanged",
    );
    rejects(
        judge::log_partition(|e, a, start, end| right::log_partition(e, a, start, &(end * 0.0))),
        "the end are left out",
    );
    rejects(
        judge::log_partition(|e, a, start, end| right::log_partition(e, a, &(start * 0.0), end)),
        "the beginning are left out",
    );
    rejects(
        judge::log_partition(|e, a, start, end| {
            let nothing = DVector::zeros(start.len());
            right::log_partition(e, &(a * 0.0), &nothing, &(end * 0.0))
        }),
        "the transitions between labels are left out",
    );
    // Without logarithms the sum of such exponentials is infinite, or infinity minus infinity.
    rejects(
        judge::log_partition(|e, a, start, end| {
            let mut z: DVector<f64> = (start + e.column(0)).map(f64::exp);
            for e_t in e.column_iter().skip(1) {
                z = (a.map(f64::exp).transpose() * z).component_mul(&e_t.map(f64::exp));
            }
            z.dot(&end.map(f64::exp)).ln()
        }),
        "3 words and 2 labels is NaN",
    );
}
