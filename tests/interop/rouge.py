"""Records ROUGE as the package rouge-score computes it, for the Rust tests to be held to.

    python tests/interop/rouge.py

Makes its own environment and writes tests/vectors/metrics/rouge.json. A test compares the CRC-32 of
this script with the record's, so after a change run it again. The sentences are our own.
"""

from common import run_in_venv, write

run_in_venv(__file__, "rouge-score==0.1.2")

from rouge_score.rouge_scorer import RougeScorer  # noqa: E402

# What was written, what was meant.
SUMMARIES = [
    ("Fire destroys warehouse in Lyon, two injured", "Two injured as fire destroys a warehouse in Lyon"),
    ("library for reading and writing music files", "C++ library to read, write and convert music files"),
    ("earthquake of magnitude 6.1 shakes Valparaíso", "Magnitude 6.1 earthquake shakes Valparaíso, no one hurt"),
    ("the the the cat cat", "the cat the dog the cat"),
    ("a b c d e f g", "g f e d c b a"),
    ("Tools, tools & more tools (v2.0)", "more tools: version 2.0"),
    ("single", "single"),
    ("single", "word"),
    ("one", "one two three"),
    ("", "nothing was written"),
    ("something was written", ""),
    ("... !?", "punctuation alone"),
    ("snow_shoe's x-ray İstanbul K", "snow shoe s x ray istanbul k"),
    ("中文没有词", "中文 abc"),
    ("the running runner runs", "the runner ran a run"),
]
KINDS = ["rouge1", "rouge2", "rougeL"]
scorer = RougeScorer(KINDS, use_stemmer=False)
cases = []
for written, meant in SUMMARIES:
    scores = scorer.score(meant, written)
    cases.append({"written": written, "meant": meant} | {kind: list(scores[kind]) for kind in KINDS})
write(__file__, "rouge-score", cases)
