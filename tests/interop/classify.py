"""Classification of public series beside simple methods, by `lstm classify`.

    cargo build --release
    tests/interop/classify.sh [DIR [OPTION...]]

Takes three data sets from the package aeon: the power demand of Italy (24 hours, summer or winter), basic
motions (6 sensors, 100 steps, 4 motions) and Japanese vowels (12 coefficients, 7 to 29 steps, 9
speakers), each with its published training and test part; and the handwritten digits of scikit-learn,
read row by row (8 steps of 8 pixels), of which 30 % are held out by seed 1. Trains a classifier of each
with the defaults, or with the options given, on 85 % of the training part, writes it below DIR (default:
target/interop/classify-runs, which is made anew), and prints the table of `eval` on the test part. The
simple methods see the whole training part: the values of all steps in one row, scaled, with zeros after
the end of a short series. DIR/record.json has the numbers; the book's are those of
book/records/classification.json.
"""

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from common import HERE, run_in_venv

run_in_venv(__file__, "aeon==1.6.0", "scikit-learn==1.9.1")

import aeon  # noqa: E402
import numpy as np  # noqa: E402
from aeon.datasets import load_from_ts_file  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.metrics import accuracy_score, f1_score  # noqa: E402
from sklearn.model_selection import train_test_split  # noqa: E402
from sklearn.neighbors import NearestCentroid  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

ROOT = HERE.parent.parent
DATA = Path(aeon.__file__).parent / "datasets/data"


def published(name):
    """The training and the test part of a data set: series of the shape (columns, steps), and labels."""
    return [load_from_ts_file(str(DATA / name / f"{name}_{part}.ts")) for part in ("TRAIN", "TEST")]


def digits():
    rows, labels = load_digits(return_X_y=True)
    images = rows.reshape(-1, 8, 8).transpose(0, 2, 1)
    a, b, ya, yb = train_test_split(images, labels, test_size=0.3, stratify=labels, random_state=1)
    return [(a, ya), (b, yb)]


def write(path, series, labels):
    """A row for every step."""
    columns = [f"v{n + 1}" for n in range(len(series[0]))]
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "step", *columns, "label"])
        for n, (one, label) in enumerate(zip(series, labels)):
            table.writerows([n, t, *values, label] for t, values in enumerate(np.asarray(one).T.tolist()))
    return ["--id", "id", "--time", "step", "--value", ",".join(columns)]


def flat(series, steps):
    padded = [np.pad(np.asarray(one), ((0, 0), (0, steps - len(one[0])))) for one in series]
    return np.array([one.ravel() for one in padded])


def simple(train, test):
    """Accuracy and macro F1 of each simple method in per cent, which are printed too."""
    scores = {}
    steps = max(len(one[0]) for series, _ in (train, test) for one in series)
    (x, y), (new_x, new_y) = ((flat(series, steps), labels) for series, labels in (train, test))
    for name, method in {
        "nearest class mean": NearestCentroid(),
        "logistic regression": LogisticRegression(max_iter=5000),
    }.items():
        found = make_pipeline(StandardScaler(), method).fit(x, y).predict(new_x)
        accuracy, macro = accuracy_score(new_y, found), f1_score(new_y, found, average="macro")
        scores[name] = [round(100 * accuracy, 2), round(100 * macro, 2)]
        print(f"{name:20} {100 * accuracy:7.2f}   {100 * macro:7.2f}")
    return scores


def shown_scores(shown):
    """Accuracy and macro F1 of the LSTM, and of the classes' frequencies, in a table of `eval`."""
    row = {name: re.search(rf"^{name} +(\S+) +(\S+)", shown, re.MULTILINE) for name in ("LSTM", "frequencies only")}
    return {name: [float(found[1]), float(found[2])] for name, found in row.items()}


out = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "target/interop/classify-runs"
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
lstm = ROOT / "target/release/lstm"
record = {}
sets = {name: published(name) for name in ("ItalyPowerDemand", "BasicMotions", "JapaneseVowels")}
for name, (train, test) in {**sets, "digits": digits()}.items():
    tables = [out / f"{name}-{part}.csv" for part in ("train", "test")]
    columns = write(tables[0], *train)
    write(tables[1], *test)
    command = [lstm, "classify", "train", "--data", tables[0], *columns, "--test-fraction", "0"]
    command += ["--out", out / name, *sys.argv[2:]]
    print("lstm", *command[1:], flush=True)
    with (out / f"{name}.log").open("w") as log:
        subprocess.run(command, check=True, stdout=log)
    command = [lstm, "classify", "eval", "--model", out / name, "--data", tables[1]]
    shown = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    print(shown, end="")
    sizes = {"training": len(train[1]), "test": len(test[1])}
    record[name] = {**sizes, **shown_scores(shown), **simple(train, test)}
    print(flush=True)
(out / "record.json").write_text(json.dumps(record, indent=1) + "\n")
