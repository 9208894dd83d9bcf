"""Makes math-font.css: the part of STIX Two Math that the book's formulas can use, as WOFF2 in the
style sheet itself, so that it is there on any machine, without a network and from a file too.

    python3 -m venv venv
    venv/bin/pip install --require-hashes -r tests/interop/requirements/math-font.txt
    venv/bin/python book/web/math-font.py

ziamath is only where the font is taken from. Its licence lies beside: math-font-LICENSE.txt.
"""

import base64
import io
from pathlib import Path

import ziamath
from fontTools import subset
from fontTools.ttLib import TTFont

# What TeX without packages can ask for: letters, Greek, operators, arrows, brackets, accents.
RANGES = [
    (0x0020, 0x007E), (0x00A0, 0x00A0), (0x00AC, 0x00B7), (0x00D7, 0x00D7), (0x00F7, 0x00F7),
    (0x0131, 0x0131), (0x0237, 0x0237), (0x02C6, 0x02DD), (0x0300, 0x030C), (0x0338, 0x0338),
    (0x0391, 0x03F6), (0x2010, 0x2016), (0x2018, 0x201D), (0x2020, 0x2022), (0x2026, 0x2026),
    (0x2032, 0x2037), (0x203E, 0x203E), (0x2044, 0x2044), (0x2061, 0x2064), (0x20D6, 0x20D7),
    (0x2102, 0x2102), (0x210E, 0x2115), (0x2119, 0x211D), (0x2124, 0x2124), (0x2190, 0x2199),
    (0x21A6, 0x21A6), (0x21D0, 0x21D4), (0x21BC, 0x21C1), (0x2200, 0x220F), (0x2210, 0x2220),
    (0x2223, 0x223C), (0x2243, 0x2248), (0x2260, 0x2265), (0x226A, 0x226B), (0x2282, 0x2287),
    (0x2295, 0x2299), (0x22A4, 0x22A5), (0x22C0, 0x22C5), (0x22EE, 0x22F1), (0x2308, 0x230B),
    (0x23B4, 0x23B5), (0x23DC, 0x23DF), (0x27E8, 0x27E9), (0x27F5, 0x27FA),
    # Italic and bold letters, script capitals, double-struck one; Greek italic and bold.
    (0x1D400, 0x1D467), (0x1D49C, 0x1D4B5), (0x1D6A4, 0x1D71B), (0x1D7D9, 0x1D7D9),
]

FACE = """\
/* Made by math-font.py: STIX Two Math, a part of it. Licence: math-font-LICENSE.txt. */
@font-face {{
    font-family: "Book Math";
    font-display: block;
    src: url(data:font/woff2;base64,{data}) format("woff2");
}}
"""


def main():
    here = Path(__file__).parent
    font = TTFont(Path(ziamath.__file__).parent / "fonts/STIXTwoMath-Regular.ttf", recalcTimestamp=False)
    options = subset.Options()
    options.layout_features = ["ssty", "dtls", "flac", "kern"]
    options.hinting = False
    options.drop_tables += ["DSIG", "GlyphOrder"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[c for first, last in RANGES for c in range(first, last + 1)])
    subsetter.subset(font)
    font.flavor = "woff2"
    out = io.BytesIO()
    font.save(out)
    data = base64.b64encode(out.getvalue()).decode("ascii")
    (here / "math-font.css").write_text(FACE.format(data=data), encoding="utf-8")
    print(f"{len(font.getGlyphOrder())} glyphs, {len(out.getvalue())} bytes")


main()
