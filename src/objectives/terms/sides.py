"""A step's texts of one side, with their labels: this rank's, or all ranks'."""

from __future__ import annotations

import torch
from torch import Tensor

from src.encoder.settings import Side
from src.errors import InputError
from src.objectives.gather import gather_embeddings, gather_ids, gather_sizes
from src.objectives.step import Step, Versions


def own_embeddings(step: Step, side: Side) -> Tensor:
    """This rank's texts of one side: [b, d]."""
    return step.contrast.queries if side == "query" else step.contrast.passages


def own_versions(step: Step, side: Side) -> Versions | None:
    """This rank's texts of one side in their second language."""
    return step.queries if side == "query" else step.passages


def all_embeddings(step: Step, side: Side) -> Tensor:
    """All ranks' texts of one side, with gradient to the rank that owns each: [m, d]."""
    contrast = step.contrast
    return contrast.all_queries if side == "query" else contrast.candidates[: len(contrast.all_queries)]


def own_languages(step: Step, side: Side) -> Tensor:
    """The languages of this rank's texts of one side: [b]."""
    return step.query_languages if side == "query" else step.passage_languages


def all_labels(own: Tensor) -> Tensor:
    """All ranks' labels [m] from each rank's [b], in the order of `all_embeddings`."""
    return gather_ids(own, gather_sizes(own))


def all_translations(step: Step, side: Side, where: str) -> tuple[Tensor, Tensor]:
    """All ranks' texts in their second language, with gradient, and those languages: [k, d] and [k]."""
    versions = own_versions(step, side)
    if versions is None:
        raise InputError("the batch has no translations", where=where, fix="a strategy that supplies them, or false")
    sizes = gather_sizes(versions.languages)
    # own embeddings, none of them, join a rank without translations to the others' backward
    joined = torch.cat([own_embeddings(step, side)[:0], versions.embeddings])
    return gather_embeddings(joined, sizes), gather_ids(versions.languages, sizes)


def by_language(embeddings: Tensor, languages: Tensor, at_least: int) -> list[Tensor]:
    """The rows of each language that has `at_least` so many, in the order of the languages' numbers."""
    counts = torch.bincount(languages).tolist()
    groups = embeddings[languages.argsort(stable=True)].split(counts)
    return [group for group in groups if len(group) >= at_least]
