"""A step made by hand: embeddings with labels, as one process would see them or as one of several ranks."""

import torch

from src.objectives.contrast import build_contrast
from src.objectives.gather import gather_embeddings, gather_ids, gather_sizes, rank
from src.objectives.step import Step, Versions
from src.objectives.term import Setup

SETUP = Setup(dimension=6, languages=("de", "en", "fr"), datasets=("faq", "wiki"), pairs=100, max_steps=100, seed=5)


def unit(count, dimension=6, seed=0):
    """Random embeddings of length 1, with gradient."""
    generator = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(count, dimension, generator=generator), dim=1).requires_grad_()


def made_step(queries, passages, query_languages, passage_languages, *, datasets=None, progress=0.0, versions=None):
    """A step of one rank's rows; `versions` gives each side's (rows, languages, embeddings) in a second language."""
    ids, sizes = torch.arange(len(queries)), gather_sizes(queries)
    offset = sum(sizes[: rank()])
    every = gather_ids(ids + offset, sizes)
    contrast = build_contrast(
        queries=queries,
        passages=passages,
        all_queries=gather_embeddings(queries, sizes),
        all_passages=gather_embeddings(passages, sizes),
        all_negatives=passages[:0],
        question_ids=every,
        passage_ids=every,
        negative_ids=every[:0],
        offset=offset,
    )
    second = {
        side: Versions(torch.tensor(rows, dtype=torch.long), torch.tensor(languages, dtype=torch.long), embeddings)
        for side, (rows, languages, embeddings) in (versions or {}).items()
    }
    return Step(
        contrast,
        torch.tensor(query_languages),
        torch.tensor(passage_languages),
        torch.tensor(datasets if datasets is not None else [0] * len(queries)),
        progress,
        **second,
    )
