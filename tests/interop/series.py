"""Forecasts of public series beside simple methods, by `lstm forecast`.

    cargo build --release
    tests/interop/series.sh [DIR [OPTION...]]

Takes four series from the package statsmodels: sunspots a year, CO2 at Mauna Loa a week (with weeks
missing), the flow of the Nile a year, and the temperature of the sea of El Niño a month. Trains a model of each with the defaults, or with the options given, writes
it below DIR (default: target/interop/series-runs, which is made anew), and prints the table of `eval`.
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
    "elnino": ["--time", "month", "--value", "temperature", "--horizon", "12"],
}


def months(path):
    """The table of El Niño has a row a year and a column a month; a series has a row a month."""
    header, *years = path.read_text().splitlines()
    rows = ["month,temperature"]
    for year in years:
        year, *values = year.split(",")
        rows += [f"{year}-{n:02}-01,{value}" for n, value in enumerate(values, 1)]
    assert len(header.split(",")) == 13
    return "\n".join(rows) + "\n"


out = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "target/interop/series-runs"
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
lstm = ROOT / "target/release/lstm"
for name, options in SERIES.items():
    table = DATA / name / f"{name}.csv"
    if name == "elnino":
        table = out / "elnino-months.csv"
        table.write_text(months(DATA / name / f"{name}.csv"))
    train = [lstm, "forecast", "train", "--data", table, "--out", out / name, *options, *sys.argv[2:]]
    print("lstm", *train[1:], flush=True)
    subprocess.run(train, check=True)
    subprocess.run([lstm, "forecast", "eval", "--model", out / name], check=True)
    picture = ["--out", out / f"{name}.csv", "--plot", out / f"{name}.svg"]
    subprocess.run([lstm, "forecast", "run", "--model", out / name, *picture], check=True)
