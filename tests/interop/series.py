"""Forecasts of public series beside simple methods, by `lstm forecast`.

    cargo build --release
    tests/interop/series.sh [DIR]

Takes three series from the package statsmodels: sunspots a year, CO2 at Mauna Loa a week (with weeks
missing), and the flow of the Nile a year. Trains a model of each with the defaults, writes it below DIR
(default: target/interop/series-runs, which is made anew), and prints the table of `eval`.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from common import HERE, run_in_venv

run_in_venv(__file__, "statsmodels==0.15.0")

import statsmodels  # noqa: E402

ROOT = HERE.parent.parent
DATA = Path(statsmodels.__file__).parent / "datasets"
SERIES = {
    "sunspots": ["--time", "YEAR", "--value", "SUNACTIVITY", "--horizon", "11"],
    "co2": ["--time", "date", "--value", "co2", "--horizon", "26"],
    "nile": ["--time", "year", "--value", "volume", "--horizon", "5"],
}

out = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "target/interop/series-runs"
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
lstm = ROOT / "target/release/lstm"
for name, options in SERIES.items():
    train = [lstm, "forecast", "train", "--data", DATA / name / f"{name}.csv", "--out", out / name, *options]
    print("lstm", *train[1:], flush=True)
    subprocess.run(train, check=True)
    for which in [], ["--best"]:
        subprocess.run([lstm, "forecast", "eval", "--model", out / name, *which], check=True)
    picture = ["--out", out / f"{name}.csv", "--plot", out / f"{name}.svg"]
    subprocess.run([lstm, "forecast", "run", "--model", out / name, *picture], check=True)
