from dataclasses import replace

import pytest
import torch

from src.errors import InputError
from src.objectives.terms.coral import CORAL
from src.objectives.terms.mmd import MMD
from tests.objectives.terms.made_step import SETUP, made_step, unit

TERMS = pytest.mark.parametrize("kind", [MMD, CORAL])


@TERMS
def test_a_monolingual_batch_has_nothing_to_match_and_still_a_gradient(kind):
    queries, passages = unit(4), unit(4, seed=1)
    terms = kind(SETUP)(made_step(queries, passages, [1] * 4, [1] * 4))
    assert terms["loss"].item() == terms["pairs"].item() == 0
    assert terms["languages"].item() == 1
    terms["loss"].backward()
    assert not queries.grad.any()
    assert not passages.grad.any()


@TERMS
def test_translations_give_a_monolingual_batch_something_to_match(kind):
    queries, passages, translated = unit(4), unit(4, seed=1), unit(3, seed=2)
    step = made_step(queries, passages, [1] * 4, [1] * 4, versions={"queries": ([0, 2, 3], [0, 0, 0], translated)})
    terms = kind(SETUP, side="queries", translations=True)(step)
    rows = torch.cat([queries, translated])
    alike = kind(SETUP, side="queries")(made_step(rows, rows, [1] * 4 + [0] * 3, [1] * 7))
    torch.testing.assert_close(terms["loss"], alike["loss"])
    assert terms["pairs"].item() == 1
    terms["loss"].backward()
    assert translated.grad.abs().sum() > 0
    # another term's translations are none of its business
    assert kind(SETUP, side="queries")(step)["pairs"].item() == 0


@TERMS
def test_a_language_with_one_text_does_not_count(kind):
    queries, passages = unit(5), unit(5, seed=1)
    whole = kind(SETUP, side="queries")(made_step(queries, passages, [0, 0, 1, 1, 2], [0] * 5))
    without = kind(SETUP, side="queries")(made_step(queries[:4], passages[:4], [0, 0, 1, 1], [0] * 4))
    torch.testing.assert_close(whole["loss"], without["loss"])
    assert (whole["languages"].item(), whole["pairs"].item()) == (2, 1)


@TERMS
def test_both_sides_are_compared_each_with_its_like_and_pairs_count_equally(kind):
    queries, passages = unit(6), unit(6, seed=1)
    step = made_step(queries, passages, [0, 0, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1])
    one, other = (kind(SETUP, side=side)(step)["loss"] for side in ("queries", "passages"))
    terms = kind(SETUP, side="both")(step)
    torch.testing.assert_close(terms["loss"], (one * 3 + other * 1) / 4)
    assert (terms["languages"].item(), terms["pairs"].item()) == (3, 4)


@TERMS
def test_descending_brings_the_languages_together(kind):
    languages = [0, 1] * 20
    texts = torch.randn(40, 6, generator=torch.Generator().manual_seed(0)) * 0.1
    texts[::2, 0] += 1  # one language lies elsewhere
    texts[1::2, 1] *= 8  # and is of another shape
    texts.requires_grad_()
    term = kind(SETUP, side="queries", **({"means": True} if kind is CORAL else {}))
    optimizer = torch.optim.Adam([texts], lr=0.02)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = term(made_step(texts, texts.detach(), languages, languages))["loss"]
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]
    assert (texts[::2].mean(0) - texts[1::2].mean(0)).norm() < 0.4


@TERMS
def test_autocast_changes_nothing(kind):
    step = made_step(unit(6), unit(6, seed=1), [0, 0, 0, 1, 1, 1], [0] * 6)
    expected = kind(SETUP)(step)["loss"]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(kind(SETUP)(step)["loss"], expected, rtol=0, atol=0)


@TERMS
def test_which_texts_need_a_second_language(kind):
    assert kind(SETUP).translations == frozenset()
    assert kind(SETUP, side="both", translations=True).translations == {"query", "passage"}
    assert kind(SETUP, side="queries", translations=True).translations == {"query"}
    with pytest.raises(InputError, match=r"terms\.\w+\.translations"):
        kind(SETUP, translations=True)(made_step(unit(4), unit(4), [0] * 4, [0] * 4))


@TERMS
@pytest.mark.parametrize(("option", "value"), [("side", "answers"), ("translations", "yes")])
def test_an_option_that_cannot_be_is_refused(kind, option, value):
    with pytest.raises(InputError, match=rf"terms\.{kind.name}\.{option}"):
        kind(SETUP, **{option: value})


@TERMS
def test_data_in_one_language_is_refused(kind):
    with pytest.raises(InputError, match="one language, en"):
        kind(replace(SETUP, languages=("en",)))
