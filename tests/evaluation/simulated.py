"""Made-up results of encoders whose truth is known: reciprocal ranks of translated questions, many ties and zeros."""

import numpy as np

from src.evaluation.statistics import ClusteredBootstrap

CONCEPTS, LANGUAGES = 60, 4


def results(rng, seeds: int, *, gain: float = 0.0, of_seed: float = 0.0, concepts: int = CONCEPTS) -> np.ndarray:
    """Reciprocal ranks [seeds, concepts * languages], 0 below rank 5; translations of a concept nearly go together.

    `gain` shifts all ranks; `of_seed` is how far one seed's encoder lies from another's of the same strategy.
    """
    skill = gain + of_seed * rng.normal(size=(seeds, 1, 1))
    of_concept = rng.normal(size=(seeds, concepts, 1))
    rank = np.ceil(np.exp(0.5 - skill - of_concept - 0.3 * rng.normal(size=(seeds, concepts, LANGUAGES))))
    rank = np.maximum(rank, 1)
    return np.where(rank <= 5, 1 / rank, 0.0).reshape(seeds, -1)


def design(concepts: int = CONCEPTS, resamples: int = 400) -> ClusteredBootstrap:
    """Every concept in every language."""
    concept = np.repeat(np.arange(concepts), LANGUAGES)
    return ClusteredBootstrap(concept, np.tile(np.arange(LANGUAGES), concepts), resamples=resamples)


def contributions(one: np.ndarray, other: np.ndarray, concepts: int = CONCEPTS) -> np.ndarray:
    """Of each concept to the difference of two runs."""
    clusters = design(concepts)
    return clusters.contributions(clusters.cells(one - other))
