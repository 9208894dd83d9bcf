"""Forecasts of public series beside simple methods, by `lstm forecast`: the table of the book.

    cargo build --release
    tests/interop/series.sh [DIR [OPTION...]]

Takes four series from the package statsmodels: sunspots a year, CO₂ on Mauna Loa a week (with weeks missing),
the flow of the Nile a year, and the temperature of the sea of El Niño a month; and the series that `lstm`
generates. Trains three models of each, with the seeds 1, 2 and 3 and the defaults or the options given, and
writes them below DIR, which must not exist (default: target/interop/series-runs, which is made anew).
Prints the table of `eval` for each, and at the end the MASE of every method in one table.
DIR/record.json has the numbers of that table; the book's are those of book/records/series.json.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from common import HERE, run_in_venv

run_in_venv(__file__, "statsmodels==0.15.0")

import statsmodels  # noqa: E402

ROOT = HERE.parent.parent
DATA = Path(statsmodels.__file__).parent / "datasets"
SEEDS = (1, 2, 3)
SERIES = {
    "sunspots": ["--time", "YEAR", "--value", "SUNACTIVITY", "--horizon", "11"],
    "nile": ["--time", "year", "--value", "volume", "--horizon", "5"],
    "elnino": ["--time", "month", "--value", "temperature", "--horizon", "12"],
    "co2": ["--time", "date", "--value", "co2", "--horizon", "26"],
    "generated": [],
}
METHODS = ["persistence", "seasonal naive", "exponential smoothing", "linear autoregression", "LSTM"]


def months(path):
    """The table of El Niño has a row a year and a column a month; a series has a row a month."""
    header, *years = path.read_text(encoding="utf-8").splitlines()
    rows = ["month,temperature"]
    for year in years:
        year, *values = year.split(",")
        rows += [f"{year}-{n:02}-01,{value}" for n, value in enumerate(values, 1)]
    assert len(header.split(",")) == 13
    return "\n".join(rows) + "\n"


def table_of(name, out):
    """The options that name the table of a series, if it is not generated."""
    if name == "generated":
        return []
    table = DATA / name / f"{name}.csv"
    if name != "elnino":
        return ["--data", table]
    by_month = out / "elnino-months.csv"
    by_month.write_text(months(table), encoding="utf-8")
    return ["--data", by_month]


def run(*command):
    """Runs lstm and returns what it prints, which is printed too."""
    command = [ROOT / "target/release/lstm", "forecast", *command]
    print("\nlstm", *command[1:], flush=True)
    shown = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    print(shown, end="", flush=True)
    return shown


def mase(shown):
    """The MASE of every method in a table of `eval`."""
    found = {}
    for method in METHODS:
        row = re.search(rf"^{method} +(\S+)", shown, re.MULTILINE)
        found[method] = float(row[1]) if row else None
    return found


def print_table(all_scores):
    """One row for each series; of the LSTM the mean over the seeds, the lowest and the highest."""
    print("\nMASE on the test part; of the LSTM the mean of three seeds, the lowest and the highest")
    print("series      " + "".join(f"{method:>24}" for method in METHODS))
    for name, scores in all_scores.items():
        cells = ["–" if scores[0][method] is None else f"{scores[0][method]:.3f}" for method in METHODS[:-1]]
        lstm = sorted(score["LSTM"] for score in scores)
        cells.append(f"{sum(lstm) / len(lstm):.3f} ({lstm[0]:.3f}–{lstm[-1]:.3f})")
        print(f"{name:<12}" + "".join(f"{cell:>24}" for cell in cells))


def main():
    out = ROOT / "target/interop/series-runs"
    if sys.argv[1:]:
        out = Path(sys.argv[1])
        if out.exists():
            sys.exit(f"{out} exists: name a directory that does not")
    if not (ROOT / "target/release/lstm").exists():
        sys.exit("there is no target/release/lstm: cargo build --release")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    all_scores = {}
    for name, options in SERIES.items():
        scores = all_scores.setdefault(name, [])
        for seed in SEEDS:
            model = out / f"{name}-{seed}"
            train = [*table_of(name, out), *options, "--out", model, "--seed", str(seed), "--threads", "1"]
            run("train", *train, *sys.argv[2:])
            scores.append(mase(run("eval", "--model", model)))
        run("run", "--model", model, "--out", out / f"{name}.csv", "--plot", out / f"{name}.svg")
    print_table(all_scores)
    record = {
        name: {**scores[0], "LSTM": [score["LSTM"] for score in scores]} for name, scores in all_scores.items()
    }
    (out / "record.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")


main()
