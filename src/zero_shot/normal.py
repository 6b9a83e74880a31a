"""What counts as the same text: the same letters, digits and marks, whatever the case, punctuation and spacing."""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

IGNORED = ("P", "S", "Cf")  # Unicode categories: punctuation, symbols, invisible format characters
FIRST_ASTRAL = "\U00010000"
ASTRAL = re.compile(f"[{FIRST_ASTRAL}-\U0010ffff]")


def normalised(text: str) -> str:
    """The text as it is compared: NFKC, casefolded, without punctuation and symbols, white space collapsed."""
    if text.isascii():
        folded = text.lower()
    else:
        # Casefolding can undo NFKC. Turkish has two letters i, and İ and I fold to neither of them alike.
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        folded = folded.replace("i\u0307", "i").replace("ı", "i")
    plain, astral = _ignored()
    kept = plain.sub("", folded)
    if ASTRAL.search(kept):
        kept = astral.sub("", kept)
    return " ".join(kept.split())


def hashes(texts: Iterable[str]) -> NDArray[np.uint64]:
    """[texts] 8-byte hashes: among a billion texts, two that differ share one with a chance of about 3 %."""
    digests = (blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return np.frombuffer(b"".join(digests), "<u8")


@functools.cache
def _ignored() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of what is ignored below U+10000 and above: `re` is slow with a set that holds both."""
    # Python's \W would also take the vowel signs of Hindi and Thai, which are marks.
    each = (chr(code) for code in range(sys.maxunicode + 1))
    taken = [char for char in each if unicodedata.category(char).startswith(IGNORED)]
    sides = ([char for char in taken if char < FIRST_ASTRAL], [char for char in taken if char >= FIRST_ASTRAL])
    plain, astral = (re.compile("[" + "".join(map(re.escape, side)) + "]+") for side in sides)
    return plain, astral
