"""Sentences of a paragraph, with their places in it; a small rule for files that do not mark them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CLOSING = "\"'”’»)\\]」』）】"
# A Latin full stop ends a sentence only before a space, and not after a single letter ("U. S.", "J. Smith").
SPACED_END = rf"(?:(?<!\b[^\W\d_])\.|[!?…؟۔।॥])[.!?…؟۔।॥]*[{CLOSING}]*(?=\s)"
UNSPACED_END = rf"[。！？｡]+[{CLOSING}]*"
END = re.compile(f"{UNSPACED_END}|{SPACED_END}")
MARK = re.compile("[.!?…؟۔।॥。！？｡]")  # what every END begins with: `re` finds a set of characters ten times as fast


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence at `context[start:end]`; its text may come from elsewhere, where a file says it better."""

    start: int
    end: int
    text: str


def split_sentences(context: str) -> tuple[Sentence, ...]:
    """Sentences by their terminators; each keeps the space after it, so that every place is in exactly one.

    A terminator before a lower-case letter ends nothing ("e.g. this"). Thai writes none: its paragraphs stay whole.
    """
    ends = [end for stop in _stops(context) if (end := _next_text(context, stop)) < len(context)]
    ends = [end for end in ends if not context[end].islower()]
    starts = [0, *ends]
    spans = zip(starts, [*ends, len(context)], strict=True)
    return tuple(Sentence(start, end, text) for start, end in spans if (text := context[start:end].strip()))


def _stops(context: str) -> Iterator[int]:
    """Where terminators end, as END.finditer would find them."""
    stop = 0
    for mark in MARK.finditer(context):
        if mark.start() >= stop and (match := END.match(context, mark.start())):
            stop = match.end()
            yield stop


def _next_text(context: str, start: int) -> int:
    rest = context[start:]
    return start + len(rest) - len(rest.lstrip())
