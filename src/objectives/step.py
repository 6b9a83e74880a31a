"""What a loss term is given: one rank's view of one training step."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from src.objectives.contrast import Contrast


@dataclass
class Versions:
    """Some of this rank's texts a second time, such as in another language: k of them, each of another row."""

    rows: Tensor  # [k] int64: the row (of this rank's b) whose text it is
    languages: Tensor  # [k] int64: the language of this version
    embeddings: Tensor  # [k, d], with gradient


@dataclass
class Targets:
    """What a teacher makes of some of this rank's texts, in its own language: k of them."""

    rows: Tensor  # [k] int64: the row whose text it is
    embeddings: Tensor  # [k, teacher's d], without gradient


@dataclass
class Step:
    """One rank's b rows; languages and datasets are numbers in the order of the training data's own lists."""

    contrast: Contrast  # own queries and passages, and the gathered candidates, all with gradient
    query_languages: Tensor  # [b] int64
    passage_languages: Tensor  # [b] int64
    datasets: Tensor  # [b] int64
    progress: float  # share of the run's steps that are done: 0 <= progress < 1
    queries: Versions | None = None  # own queries in another language, where a term asks for them
    passages: Versions | None = None  # own passages in another language, where a term asks for them
    query_targets: Targets | None = None  # where a term has a teacher
    passage_targets: Targets | None = None
    other_instruction: Versions | None = None  # own queries, in their language, under another instruction
