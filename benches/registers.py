#!/usr/bin/env python3
"""Checks in compiled code that the sums of every register tile stay in registers.

A small change of the source can make the compiler keep the sums of a large tile in memory. The results stay
the same, so no other test notices, but a training step takes much longer.

It reads the disassembly of a program for x86-64, which was built with --release:
objdump -d --no-show-raw-insn target/release/lstm | benches/registers.py
"""
import re
import sys
from pathlib import Path

TABLE = Path(__file__).parent.parent / "crates/lstm-fast/src/tiles.table"
# For each instruction set, its registers and the number of them that hold a row of sixteen numbers.
SETS = {"AVX2": ("%ymm", 2), "AVX-512": ("%zmm", 1)}

FUNCTION = re.compile(r"^[0-9a-f]+ <.*>:$")
INSTRUCTION = re.compile(r"^ +([0-9a-f]+):\t(\S+) *(.*)$")
TARGET = re.compile(r"^([0-9a-f]+) <")
STACK_STORE = re.compile(r"^%[yz]mm\d+,[^,]*\(%r[sb]p\b[^)]*\)$")


def functions(lines):
    """The instructions (address, name, operands) of each function."""
    instructions = []
    for line in lines:
        if FUNCTION.match(line):
            yield instructions
            instructions = []
        elif match := INSTRUCTION.match(line):
            instructions.append((int(match[1], 16), match[2], match[3].strip()))
    yield instructions


def tile_loops(instructions):
    """The instructions of each innermost loop around a multiply-add. A loop ends with a jump back. Loops that
    divide are not those of a tile but of an activation function."""
    if not any(name.startswith("vfmadd") for _, name, _ in instructions):
        return []
    jumps = [(last, TARGET.match(operands)) for last, name, operands in instructions if name.startswith("j")]
    loops = [(int(target[1], 16), last) for last, target in jumps if target and int(target[1], 16) <= last]
    loops.sort(key=lambda loop: loop[1] - loop[0])
    innermost = set()
    for address, name, _ in instructions:
        if name.startswith("vfmadd"):
            innermost.update([loop for loop in loops if loop[0] <= address <= loop[1]][:1])
    parts = [[i for i in instructions if first <= i[0] <= last] for first, last in sorted(innermost)]
    return [part for part in parts if not any(name.startswith("vdiv") for _, name, _ in part)]


def multiply_adds(loop, register):
    return sum(name.startswith("vfmadd") and register in operands for _, name, operands in loop)


def stack_stores(loop):
    return sum(name.startswith("vmov") and bool(STACK_STORE.match(operands)) for _, name, operands in loop)


def sizes(level):
    """The rows and panels of the tiles of an instruction set."""
    row = next(line for line in TABLE.read_text().splitlines() if f'("{level}"' in line)
    return [(int(rows), int(panels)) for rows, panels in re.findall(r"\[(\d+), (\d+), \d+\]", row)]


def faults(loops):
    for level, (register, registers_of_a_row) in SETS.items():
        found = [(multiply_adds(loop, register), stack_stores(loop)) for loop in loops]
        for count, stores in found:
            if count and stores:
                yield f"{level}: a loop of {count} multiply-adds writes {stores} registers to the stack"
        for rows, panels in sizes(level):
            tile = rows * panels * registers_of_a_row
            if not any(count and count % tile == 0 for count, _ in found):
                yield f"{level}: no loop of {tile} multiply-adds, which a tile of {rows} × {panels} has"


loops = [loop for function in functions(sys.stdin) for loop in tile_loops(function)]
found = list(faults(loops))
for fault in found:
    print(fault, file=sys.stderr)
if found:
    sys.exit("a tile spills its sums, or its code is missing: see the comment at the top of benches/registers.py")
print(f"the sums of {len(loops)} loops stay in registers")
