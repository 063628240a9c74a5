"""Near-duplicates: texts that say almost the same, found by MinHash.

A text's signature estimates, by the share of equal places, the Jaccard similarity of two texts' sets of three-word
shingles (Broder, 1997). Its bands are keys of which similar texts share at least one (Leskovec, Rajaraman, Ullman:
Mining of Massive Datasets, 3.4): with 16 bands of 4, a pair of similarity 0.8 does so with a probability of 0.9998, one
of 0.3 with 0.12. Those that share a band are compared by their signatures.
"""

from __future__ import annotations

import re
from array import array
from base64 import b64decode, b64encode
from hashlib import blake2b

from rensa import RMinHash

PLACES = 64
BANDS = 16

SHINGLE = 3  # words
LEAST_WORDS = 40  # of a shorter text a few words are too much of it
SIMILAR = 0.75  # share of equal places from which two texts are one group
SEED = 20_261

_WORD = re.compile(r"\w+")


def signature(text: str) -> str:
    """The signature of a main text, as printable text; empty for one that is too short to compare."""
    words = _WORD.findall(text.lower())
    if len(words) < LEAST_WORDS:
        return ""
    sketch = RMinHash(num_perm=PLACES, seed=SEED)
    sketch.update([" ".join(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)])
    return b64encode(array("I", sketch.digest()).tobytes()).decode()


def bands(signature: str) -> tuple[str, ...]:
    """The keys under which similar texts meet. None for an empty signature."""
    if not signature:
        return ()
    places = b64decode(signature)
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
    return sum(a == b for a, b in zip(left, right, strict=True)) / PLACES
