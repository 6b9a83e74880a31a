"""What a batch is and whom its questions are compared with, in sentences."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from src.reading.batch import Batch


def name(code: str) -> str:
    """A language's English name, or its code where that is no standard one."""
    from babel import Locale

    return Locale("en").languages.get(code.replace("-", "_"), code)


def kind(batch: Batch) -> str:
    """Which languages meet in the rows."""
    _, asked, answered = batch.rows.T
    same = asked == answered
    if same.all():
        if len(set(asked)) == 1:
            return f"All {len(batch)} questions and passages are in {_name(batch, asked[0])}."
        return f"Each passage is in its question's language; the batch mixes {_languages(batch, asked)}."
    if not same.any():
        return _across(batch)
    where = {language: int((asked[same] == language).sum()) for language in np.unique(asked[same])}
    own = f"all of them in {_name(batch, next(iter(where)))}" if len(where) == 1 else f"in {len(where)} languages"
    return (
        f"{same.sum()} questions have their passage in their own language, {own}; the other {(~same).sum()} have it "
        f"in another. Questions are in {_languages(batch, asked)}, passages in {_languages(batch, answered)}."
    )


def _across(batch: Batch) -> str:
    _, asked, answered = batch.rows.T
    if len(set(asked)) == len(set(answered)) == 1:
        return (
            f"All {len(batch)} questions are in {_name(batch, asked[0])}, all passages in {_name(batch, answered[0])}."
        )
    return (
        f"No passage is in its question's language. Questions are in {_languages(batch, asked)}, passages in "
        f"{_languages(batch, answered)}."
    )


def comparison(batch: Batch, row: int) -> str:
    """Whom one row's question is compared with."""
    counts = batch.negative_counts[row]
    asked, answered = (batch.languages[number] for number in batch.rows[row, 1:])
    head = f"Row {row + 1}: a question in {name(asked)} is told to find its passage in {name(answered)} among"
    found = sorted(np.flatnonzero(counts), key=lambda number: -counts[number])
    if not found:
        return f"{head} no other passages: it has no negative in this batch."
    if len(found) == 1:
        return f"{head} {counts.sum()} others, {_all(int(counts.sum()))} in {_name(batch, int(found[0]))}."
    listed = ", ".join(f"{counts[number]} {batch.languages[number]}" for number in found)
    return f"{head} {counts.sum()} others: {listed}."


def masked(batch: Batch) -> str:
    """Which passages are no negatives, and why."""
    if not (batch.alike.any() or batch.answers.any()):
        return "No two rows share a question or a passage: nothing is masked, every other passage is a negative."
    alike, answers = batch.alike.sum(axis=1), batch.answers.sum(axis=1)
    parts = [
        f"{(counts > 0).sum()} questions skip what is {what} ({counts.sum()} pairs)"
        for counts, what in (
            (alike, "their own passage again or a translation of it"),
            (answers, "another known answer to them"),
        )
        if counts.any()
    ]
    return f"Masked by ids: {'; '.join(parts)}."


def _all(count: int) -> str:
    return "it" if count == 1 else "all"


def _languages(batch: Batch, numbers: Iterable[int]) -> str:
    present = sorted(set(map(int, numbers)))
    return _name(batch, present[0]) if len(present) == 1 else f"{len(present)} languages"


def _name(batch: Batch, number: int) -> str:
    return name(batch.languages[int(number)])
