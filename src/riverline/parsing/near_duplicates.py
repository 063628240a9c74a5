"""Near-duplicates: texts that say almost the same, found by MinHash.

A text's signature estimates, by the share of equal places, the Jaccard similarity of two texts' sets of shingles
(Broder, 1997): three words, or six Hangul syllables whatever the spaces between them, or both mixed. Its bands are
keys of which similar texts share at least one (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.4): with 16
bands of 4, a pair of similarity 0.8 does so with a probability of 0.9998, one of 0.3 with 0.12. Those that share a band
are compared by their signatures.
"""

from __future__ import annotations

import re
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import blake2b

from rensa import RMinHash

PLACES = 64
BANDS = 16

SHINGLE = 6  # syllables; a word of another script counts as WORD of them
WORD = 2
LEAST = 80  # syllables: of a shorter text a few words are too much of it
SIMILAR = 0.75  # share of equal places from which two texts are one group
SEED = 20_261

# A copy with lines of its site before and behind it: nearly all of the shorter text is in the longer one.
HELD = 0.88
HELD_SIMILAR = 0.55
MOST_AROUND = 100  # shingles that the longer one has more

_TOKEN = re.compile(r"[\uac00-\ud7a3]|[^\W\uac00-\ud7a3]+")


def signature(text: str) -> str:
    """The signature of a main text, as printable text; empty for one that is too short to compare."""
    shingles = list(_shingles(text))
    if not shingles:
        return ""
    sketch = RMinHash(num_perm=PLACES, seed=SEED)
    sketch.update(shingles)
    return b64encode(array("I", (*sketch.digest(), len(shingles))).tobytes()).decode()


def _shingles(text: str) -> Iterator[str]:
    tokens = _TOKEN.findall(text.lower())
    weights = [1 if "\uac00" <= token <= "\ud7a3" else WORD for token in tokens]
    if sum(weights) < LEAST:
        return
    start = held = 0
    for end, weight in enumerate(weights):
        held += weight
        while held - weights[start] >= SHINGLE:
            held -= weights[start]
            start += 1
        if held >= SHINGLE:
            yield " ".join(tokens[start : end + 1])


def bands(signature: str) -> tuple[str, ...]:
    """The keys under which similar texts meet. None for an empty signature."""
    if not signature:
        return ()
    places = array("I", b64decode(signature))[:PLACES].tobytes()
    width = len(places) // BANDS
    return tuple(
        f"{band:x}{blake2b(places[band * width : (band + 1) * width], digest_size=8).hexdigest()}"
        for band in range(BANDS)
    )


def similarity(one: str, other: str) -> float:
    """Of two signatures, 0 to 1."""
    if not one or not other:
        return 0.0
    left, right = array("I", b64decode(one)), array("I", b64decode(other))
    return sum(a == b for a, b in zip(left[:PLACES], right[:PLACES], strict=True)) / PLACES


def are_near(one: str, other: str, alike: float) -> bool:
    """Whether two texts of this similarity are one group: they say the same, or one is the other with a little around
    it."""
    if alike >= SIMILAR:
        return True
    shorter, longer = sorted((_size(one), _size(other)))
    if alike < HELD_SIMILAR or not shorter or longer - shorter > MOST_AROUND:
        return False
    return alike / (1 + alike) * (shorter + longer) >= HELD * shorter


def _size(signature: str) -> int:
    """How many shingles a text has; 0 where an older version did not note it."""
    places = array("I", b64decode(signature))
    return places[PLACES] if len(places) > PLACES else 0
