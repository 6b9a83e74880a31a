import math

import pytest
import torch

from src.errors import InputError
from tests.objectives.terms.parallel_rows import (
    NO_VERSIONS,
    PARALLEL,
    ParallelRows,
    assert_equal,
    cosine,
    gradients,
    term,
)

SIDES = {"queries": ["query"], "passages": ["passage"], "both": ["query", "passage"]}
NAME = "semantic_language"


def semantic_reference(rows, sides, t):
    losses = []
    for side in sides:
        ids = rows.question_ids if side == "query" else rows.passage_ids
        pairs = rows.pairs(side)
        for i, text, version in pairs:
            for anchor, against in ((text, 2), (version, 1)):
                own = math.e ** (cosine(text, version) / t)
                total = own
                for pair in pairs:
                    if ids[pair[0]] != ids[i]:
                        total = total + math.e ** (cosine(anchor, pair[against]) / t)
                losses.append(-torch.log(own / total))
    return sum(losses) / len(losses)


def language_reference(rows, sides, t):
    losses = []
    documents = [
        *zip(rows.passage_ids, rows.passages, strict=True),
        *zip(rows.negative_ids, rows.negatives, strict=True),
    ]
    for side in sides:
        for i, text, version in rows.pairs(side):
            for passage, third in documents:
                if passage not in rows.answers(rows.question_ids[i]):
                    x, y = (math.e ** (cosine(each, third.double()) / t) for each in (text, version))
                    losses.append(-torch.log(x / (x + y)) - torch.log(y / (x + y)))
    return sum(losses) / len(losses)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("temperature", [0.05, 0.5])
@pytest.mark.parametrize(("semantic", "language"), [(1.0, 0.0), (0.0, 1.0), (0.3, 2.0)])
def test_loss_and_gradient_equal_the_formula(side, temperature, semantic, language):
    terms = term(NAME, side=side, temperature=temperature, semantic=semantic, language=language)(PARALLEL.step())
    parts = (
        semantic_reference(PARALLEL, SIDES[side], temperature),
        language_reference(PARALLEL, SIDES[side], temperature),
    )
    assert terms["semantic"].item() == pytest.approx(parts[0].item(), rel=1e-5, abs=1e-6)
    assert terms["language"].item() == pytest.approx(parts[1].item(), rel=1e-5)
    assert_equal(terms["loss"], semantic * parts[0] + language * parts[1], PARALLEL)


def test_texts_alike_in_both_languages_have_the_language_part_at_its_floor():
    step = PARALLEL.step()
    step.queries.embeddings = step.contrast.queries[step.queries.rows]
    terms = term(NAME)(step)
    assert terms["language"].item() == pytest.approx(2 * math.log(2))
    assert terms["language_gap"].item() == pytest.approx(0, abs=1e-6)
    assert terms["parallel_cosine"].item() == pytest.approx(1)


def test_gaps_of_either_sign_add_up():
    rows = ParallelRows([1, 2], [11, 12], query_rows=[0, 1])
    step = rows.step()
    own, other = step.contrast.candidates.detach()
    # each question lies on the one answer, its version on the other: of two gaps one is above 0 and one below
    step.contrast.queries, step.queries.embeddings = torch.stack([own, own]), torch.stack([other, other])
    gap = 1 - torch.cosine_similarity(own, other, dim=0)
    assert term(NAME)(step)["language_gap"].item() == pytest.approx(gap.item())


def test_the_same_question_twice_is_not_its_own_negative():
    rows = ParallelRows([1, 1], [11, 12], query_rows=[0, 1])
    terms = term(NAME)(rows.step())
    assert terms["semantic"].item() == pytest.approx(0, abs=1e-6)
    apart = ParallelRows([1, 2], [11, 12], query_rows=[0, 1])
    assert term(NAME)(apart.step())["semantic"].item() > 0.1


@pytest.mark.parametrize("side", SIDES)
def test_a_batch_without_versions_adds_nothing_but_keeps_its_graph(side):
    terms = term(NAME, side=side)(NO_VERSIONS.step())
    assert terms["loss"].item() == 0
    assert all((gradient == 0).all() for gradient in gradients(terms["loss"], NO_VERSIONS))
    assert math.isnan(terms["parallel_cosine"].item())


def test_it_asks_for_translations_of_its_sides():
    assert {side: set(term(NAME, side=side).translations) for side in SIDES} == {k: set(v) for k, v in SIDES.items()}


@pytest.mark.parametrize(
    ("option", "value"),
    [("temperature", 0), ("side", "all"), ("semantic", -1), ("language", math.inf), ("language", True)],
)
def test_a_wrong_option_is_refused_by_its_name(option, value):
    with pytest.raises(InputError, match=rf"terms\.semantic_language\.{option}"):
        term(NAME, **{option: value})


def test_a_term_of_nothing_is_refused():
    with pytest.raises(InputError, match="both parts have weight 0"):
        term(NAME, semantic=0, language=0)
