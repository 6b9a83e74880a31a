"""Errors that a strategy finds before the first step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from src.data.pair_index import PairIndex
from src.errors import InputError
from src.sampling.eligible import Eligible

LANGUAGES = "dataset.languages"


def check_inputs(index: PairIndex, batch_size: int, *, crosslingual: bool) -> None:
    """Refuse a batch that is no batch, an index without concepts, and crossing of a single language."""
    if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
        raise InputError(f"the batch size must be a whole number from 1 on, got {batch_size!r}", where="batch_size")
    if not len(index):
        raise InputError("the training data hold no concept", where="dataset", fix="check the data's folder and split")
    if crosslingual and len(index.languages) < 2:
        raise InputError(
            f"cross-lingual batches need two languages, the data hold {index.languages[0]!r} only",
            where=LANGUAGES,
            fix="add a language, or choose sampler=monolingual",
        )


def check_supplies(
    index: PairIndex,
    found: Mapping[str, Sequence[Eligible]],
    crosslingual: Sequence[bool],
    batch_size: int,
    *,
    uniform: bool,
) -> None:
    """Refuse data that cannot form every kind of row; `found` holds, by kind, what each dataset (or all) can serve."""
    for place, crossing in enumerate(crosslingual):
        pools = {name: kinds[place] for name, kinds in found.items()}
        check_eligible(index, pools, batch_size, crosslingual=crossing, uniform=uniform)
    if not any(all(kind.concepts for kind in kinds) for kinds in found.values()):
        raise InputError(
            "no dataset has both monolingual and cross-lingual pairs of question and passage",
            where="sampler.dataset_weighting",
            fix="pool the datasets with sampler.dataset_weighting=null",
        )


def check_eligible(
    index: PairIndex, pools: Mapping[str, Eligible], batch_size: int, *, crosslingual: bool, uniform: bool
) -> None:
    """Refuse data that cannot form the batches; `pools` holds what each dataset (or all) can serve.

    Every language that is drawn needs as many concepts as a batch has rows, for any strategy: so a batch can always be
    filled whatever languages its rows draw, and strategies are compared on the same data.
    """
    rule = "in two languages" if crosslingual else "in one language"
    if not any(pool.concepts for pool in pools.values()):
        other = "monolingual" if crosslingual else "crosslingual"
        raise InputError(
            f"no concept has its question and its passage {rule}",
            where="dataset",
            fix=f"use parallel data, or choose sampler={other}",
        )
    served = np.sum([pool.sizes + pool.answered for pool in pools.values()], axis=0)
    unserved = [code for code, concepts in zip(index.languages, served, strict=True) if not concepts]
    if uniform and unserved:
        raise InputError(
            f"no concept has its question and its passage {rule} for {', '.join(unserved)}",
            where=LANGUAGES,
            fix="leave these languages out, or choose sampler.language_weighting=proportional",
        )
    for name, pool in pools.items():
        few = {code: n for code, n in zip(index.languages, pool.sizes.tolist(), strict=True) if 0 < n < batch_size}
        if few:
            raise InputError(
                f"too few concepts for batches of {batch_size} in {_listed(few)}{name and f' of dataset {name!r}'}",
                where=f"batch_size, {LANGUAGES}",
                fix=f"lower batch_size to {min(few.values())} or leave these languages out",
            )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{code} ({count})" for code, count in counts.items())
