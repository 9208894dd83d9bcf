"""Models on their way to another framework and back: the command that carries them, and what they compute."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from common import HERE, VECTORS, write_record

ROOT = HERE.parents[1]
# Of 1, or of the largest number if that is more: logits of a trained model are of order ten, and single
# precision has seven digits.
TOLERANCE = 1e-5
T, B, D, H, V = 6, 2, 5, 7, 11
rng = np.random.default_rng(20240229)


def cargo(*arguments):
    command = ["cargo", "run", "--locked", "--quiet", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def untrained(folder):
    """Checkpoints of models that nobody has trained."""
    cargo("-p", "lstm-exchange", "--example", "interop", "--", "models", folder)
    return sorted(folder.iterdir())


def computed(checkpoint, ids, **states):
    """What this project computes for ids (T, B): logits, hn, cn."""
    given = checkpoint / "given.json"
    given.write_text(json.dumps({"ids": ids.tolist()} | {k: v.tolist() for k, v in states.items()}))
    return json.loads(cargo("-p", "lstm-exchange", "--example", "interop", "--", "compute", checkpoint, given))


def exported(checkpoint, kind, file):
    """Writes the file; the Python that the command prints, which reads it."""
    printed = cargo("--", "export", "--model", checkpoint, "--to", kind, "--out", file)
    return printed.split("\n\n", 1)[1]


def arguments_of_import(file, kind, vocab_size):
    characters = file.with_name("characters.json")
    characters.write_text(json.dumps([chr(0x4E00 + n) for n in range(vocab_size)]))
    out = file.with_name(file.name + ".checkpoint")
    return ["import", file, "--from", kind, "--vocabulary", characters, "--out", out]


def imported(file, kind, vocab_size):
    """A checkpoint of a model that another framework has written."""
    arguments = arguments_of_import(file, kind, vocab_size)
    cargo("--", *arguments)
    return arguments[-1]


def expect_refused(file, kind, vocab_size, *words):
    """Ends the script unless the file is refused with these words."""
    arguments = arguments_of_import(file, kind, vocab_size)
    command = ["cargo", "run", "--locked", "--quiet", "--", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    if done.returncode == 0 or any(word not in done.stderr for word in words):
        sys.exit(f"{file.name}: expected a refusal with {words}, found: {done.stderr or 'none'}")
    print(f"refused, {file.name}: {done.stderr.strip()}")


def sizes(checkpoint):
    """V, H and the number of layers, from the model file's metadata."""
    content = (checkpoint / "model.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    metadata = json.loads(content[8 : 8 + length])["__metadata__"]["lstm"]
    network = json.loads(metadata)["header"]["network"]
    return network["vocab_size"], network["hidden_size"], network["layers"]


def some_ids(vocab_size, seq_len=T, batch_size=B):
    return rng.integers(0, vocab_size, (seq_len, batch_size))


def numbers(*shape):
    return rng.uniform(-1, 1, shape).astype(np.float32)


def compare(what, found, expected):
    """Arrays by their names; ends the script if one is not that of the same name."""
    worst = 0.0
    for name, array in found.items():
        array, other = np.asarray(array), np.asarray(expected[name])
        if array.shape != other.shape:
            sys.exit(f"{what}: {name} has shape {array.shape}, expected {other.shape}")
        worst = max(worst, np.abs(array - other).max() / max(1, np.abs(other).max()))
    print(f"{what}: off by {worst:.1e} at most")
    if not worst <= TOLERANCE:
        sys.exit(f"{what}: more than {TOLERANCE}")


def record(script, name, package, ids, logits, save, extension):
    """A model's file as the framework writes it, and a JSON of what the framework computes with it."""
    folder = VECTORS / "exchange"
    folder.mkdir(exist_ok=True)
    save(folder / f"{name}.{extension}")
    path = folder / f"{name}.json"
    logits = logits.astype(np.float64).tolist()
    write_record(path, script, package, ids=ids.tolist(), logits=logits)
    print(f"{path.relative_to(ROOT)} and the model beside it are written")


def both_ways(out, back, write_record=None):
    """Runs a script: models out, the checkpoints that are named among them, and back; --record before."""
    arguments = sys.argv[1:]
    if write_record and "--record" in arguments:
        arguments.remove("--record")
        write_record()
    with tempfile.TemporaryDirectory() as scratch:
        for part in ["out", "in"]:
            (Path(scratch) / part).mkdir()
        out(Path(scratch) / "out", [Path(checkpoint).resolve() for checkpoint in arguments])
        back(Path(scratch) / "in")
