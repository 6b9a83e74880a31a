"""Steps made by hand: rows, some of them with versions in another language, and the terms that see them."""

from pathlib import Path

import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf

from src.objectives.contrast import build_contrast
from src.objectives.gather import gather_embeddings, gather_ids, gather_sizes, rank, world_size
from src.objectives.step import Step, Versions
from src.objectives.term import Setup
from tests.objectives.reference import Rows

CONF = Path(__file__).resolve().parents[3] / "conf"
SETUP = Setup(dimension=8, languages=("de", "en", "th"), datasets=("toy",), pairs=20, max_steps=10, seed=1)


def term(name: str, **options):
    """A term as its YAML and these options make it."""
    config = OmegaConf.load(CONF / "terms" / f"{name}.yaml")
    config.pop("defaults", None)  # groups that Hydra composes into it
    assert config.pop("weight") > 0
    return instantiate(config, **options)(setup=SETUP)


class ParallelRows(Rows):
    """Rows of embeddings of any length; `query_rows` and `passage_rows` are those with a version."""

    def __init__(self, question_ids, passage_ids, negative_ids=(), query_rows=(), passage_rows=(), seed=0):
        super().__init__(question_ids, passage_ids, negative_ids, seed=seed)
        self.version_rows = {"query": list(query_rows), "passage": list(passage_rows)}
        generator = torch.Generator().manual_seed(seed + 1000)
        counts = [len(query_rows), len(passage_rows)]
        drawn = [torch.randn(count, 8, generator=generator) for count in counts]
        self.versions = {side: each.requires_grad_() for side, each in zip(("query", "passage"), drawn, strict=True)}
        self.queries, self.passages, self.negatives = (
            (each.detach() * (0.5 + torch.rand(len(each), 1, generator=generator))).requires_grad_()
            for each in (self.queries, self.passages, self.negatives)
        )

    @property
    def embeddings(self):
        return [self.queries, self.passages, self.negatives, *self.versions.values()]

    def step(self):
        """All rows on one process."""
        return self._step(self.contrast(), 0, len(self.queries))

    def pairs(self, side):
        """Of a side's texts that have a version: row, embedding, the version's embedding, all in float64."""
        texts = (self.queries if side == "query" else self.passages).double()
        return [(row, texts[row], self.versions[side][k].double()) for k, row in enumerate(self.version_rows[side])]

    def step_on_rank(self):
        """This rank's equal share of the rows, gathered as training does."""
        each = len(self.queries) // world_size()
        own = slice(rank() * each, (rank() + 1) * each)
        hard = slice(rank() * len(self.negatives) // 2, None if rank() else len(self.negatives) // 2)
        queries, passages, negatives = self.queries[own], self.passages[own], self.negatives[hard]
        ids = [
            torch.tensor(each, dtype=torch.long) for each in (self.question_ids, self.passage_ids, self.negative_ids)
        ]
        sizes, hard_sizes = [each] * world_size(), gather_sizes(negatives)
        contrast = build_contrast(
            queries=queries,
            passages=passages,
            all_queries=gather_embeddings(queries, sizes),
            all_passages=gather_embeddings(passages, sizes),
            all_negatives=gather_embeddings(negatives, hard_sizes),
            question_ids=gather_ids(ids[0][own], sizes),
            passage_ids=gather_ids(ids[1][own], sizes),
            negative_ids=gather_ids(ids[2][hard], hard_sizes),
            offset=own.start,
        )
        return self._step(contrast, own.start, own.stop)

    def _step(self, contrast, start, stop):
        nothing = torch.zeros(stop - start, dtype=torch.long)
        return Step(
            contrast, nothing, nothing, nothing, 0.5, *(self._versions(side, start, stop) for side in self.versions)
        )

    def _versions(self, side, start, stop):
        mine = [k for k, row in enumerate(self.version_rows[side]) if start <= row < stop]
        rows = torch.tensor([self.version_rows[side][k] - start for k in mine], dtype=torch.long)
        return Versions(rows, torch.zeros_like(rows), self.versions[side][mine]) if mine else None


def cosine(left, right):
    return (left @ right / (left @ left).sqrt() / (right @ right).sqrt()).double()


def gradients(loss, rows):
    return torch.autograd.grad(loss, rows.embeddings, materialize_grads=True)


def assert_equal(loss, expected, rows):
    """The same value, and the same gradient for every embedding."""
    torch.testing.assert_close(loss, expected.float(), rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(gradients(loss, rows), gradients(expected, rows), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


# rows 0 and 3 share a passage, rows 1 and 4 a question; a negative is row 2's own positive, another row 4's
IDS = [1, 2, 3, 4, 2, 5], [11, 12, 13, 11, 15, 16], [21, 22, 13, 24, 25, 15]
PARALLEL = ParallelRows(*IDS, query_rows=[0, 4, 1, 3], passage_rows=[3, 0, 5], seed=3)
NO_VERSIONS = ParallelRows(*IDS, seed=4)
