"""Records BLEU as sacrebleu computes it, for the Rust tests to be held to.

    python tests/interop/bleu.py

Makes its own environment and writes tests/vectors/metrics/bleu.json. A test compares the CRC-32 of
this script with the record's, so after a change run it again. The sentences are our own.
"""

from common import run_in_venv, write

run_in_venv(__file__, "sacrebleu==2.6.0")

from sacrebleu.metrics import BLEU  # noqa: E402

# Each corpus: sentences as (what was written, what was meant …).
CORPORA = {
    "several_references": [
        ("The small cat sleeps on the old chair.", "The little cat sleeps on the old chair.", "A small cat is asleep on the old chair."),
        ("I have never seen such a large garden!", "I have never seen such a big garden!"),
        ("Where is the station, please?", "Where is the train station?", "Where is the station, please?", "Please, where's the station?"),
    ],
    "one_reference": [
        ("He bought three apples at the market yesterday.", "Yesterday he bought three apples at the market."),
        ("She doesn't read the newspaper in the morning.", "In the morning she doesn't read newspapers."),
    ],
    "too_short": [
        ("The teacher wrote", "The teacher wrote a long letter to the parents of the child."),
        ("the rain has not stopped", "The rain has not stopped since last Monday."),
    ],
    "too_long": [
        ("They went home because it was very late and very dark outside.", "They went home because it was late."),
    ],
    "equally_near_references": [
        ("a b c d e f", "a b c d", "a b c d e f g h"),
        ("one two three four five", "one two three", "one two three four x six seven"),
    ],
    "repeated_words": [
        ("the the the the the the", "the cat on the mat saw the dog"),
        ("no no no no yes yes", "no no yes no", "yes no no yes"),
    ],
    "punctuation_and_numbers": [
        ("It cost $1,250.50 (net), i.e. 3.5% more -- or 10-15 euros...", "It cost $1,250.50 (gross), i.e. 3.5% more - or 10-15 euros."),
        ("\"Well,\" she said: 'a/b' & c@d.org; [e] {f} ~g! 7.x x.7 ,8 9,", "\"Well\", she said: 'a/b' &amp; c@d.org; [e] {f} ~g? 7.x x.7 ,8 9,"),
        ("1990-2000, 5-a-side, co-operate, a.b.c ... 3.14.15", "1990-2000, 5-a-side, cooperate, a.b.c .. 3.14.15"),
    ],
    "french": [
        ("L'homme n'a pas acheté de pommes au marché.", "L'homme n'a pas acheté de pommes sur le marché.", "L’homme n’a pas acheté de pommes au marché."),
        ("Où est-ce que tu vas ? « Là-bas ! »", "Où vas-tu ? « Là-bas ! »"),
    ],
    "nothing_in_common": [("red blue green black white", "one two three four five")],
    "no_four_words_in_common": [("the red car is mine", "the red bus was mine")],
    "an_empty_sentence": [("", "nothing was written here"), ("but here all of it was", "but here all of it was")],
    "perfect": [("Every word of this is right.", "Every word of this is right."), ("And of this, too.", "And that.", "And of this, too.")],
}
CHINESE = {
    "one_reference": [
        ("他昨天在市场买了三个苹果。", "他昨天在市场上买了三个苹果。"),
        ("你为什么没有告诉我？", "你怎么没告诉我？"),
    ],
    "several_references": [
        ("她每天早上看报纸。", "她每天早晨读报。", "每天早上她都看报纸。"),
        ("这本书 很有意思，我 2019 年读过。", "这本书很有趣，我在2019年读过。", "我 2019 年读过这本书，很有意思。"),
    ],
    "too_short": [("我不知道。", "我真的完全不知道他到底去了哪里。")],
}

cases = []
for tokens, corpora in (("13a", CORPORA), ("char", CHINESE), ("char", {"english": CORPORA["french"]})):
    for name, corpus in corpora.items():
        most = max(len(sentence) for sentence in corpus) - 1
        # sacrebleu wants as many references of each sentence; a missing one is None.
        references = [[s[n + 1] if n + 1 < len(s) else None for s in corpus] for n in range(most)]
        metric = BLEU(tokenize=tokens, smooth_method="none")
        score = metric.corpus_score([s[0] for s in corpus], references)
        cases.append({
            "name": f"{tokens}: {name}",
            "tokens": tokens,
            "corpus": corpus,
            "score": score.score,
            "precisions": score.precisions,
            "brevity_penalty": score.bp,
            "matches": score.counts,
            "totals": score.totals,
            "written": score.sys_len,
            "meant": score.ref_len,
        })
write(__file__, "sacrebleu", cases)
