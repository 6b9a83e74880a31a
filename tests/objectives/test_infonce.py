import math
from pathlib import Path

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

from src.errors import InputError
from src.objectives.infonce import InfoNCE
from tests.objectives.reference import Rows, reference_loss

# rows 0 and 3 share a passage, rows 1 and 4 a question; a negative is row 2's own positive, another row 4's
DISTINCT = Rows([1, 2, 3, 4, 5], [11, 12, 13, 14, 15])
ONE_NEGATIVE = Rows([1, 2, 3, 4, 2], [11, 12, 13, 11, 15], [13, 21, 22, 15, 23], seed=1)
TWO_NEGATIVES = Rows([1, 2, 3, 4, 2], [11, 12, 13, 11, 15], [21, 22, 13, 24, 25, 26, 15, 27, 11, 28], seed=2)
CASES = [
    pytest.param(rows, denominator, symmetric, id=f"{name}-{denominator}{'-symmetric' if symmetric else ''}")
    for name, rows in (("none", DISTINCT), ("one", ONE_NEGATIVE), ("two", TWO_NEGATIVES))
    for denominator in ("both", "in_batch", "explicit")
    for symmetric in (False, True)
    if not (name == "none" and denominator == "explicit")
]


def gradients(loss, rows):
    return torch.autograd.grad(loss, rows.embeddings, materialize_grads=True)


@pytest.mark.parametrize(("rows", "denominator", "symmetric"), CASES)
@pytest.mark.parametrize("temperature", [0.05, 1.0])
def test_loss_and_gradient_equal_the_formula(rows, denominator, symmetric, temperature):
    objective = InfoNCE(temperature, denominator=denominator, symmetric=symmetric)
    loss = objective(rows.contrast())["loss"]
    expected = reference_loss(rows, temperature, denominator, symmetric)
    torch.testing.assert_close(loss, expected, rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(gradients(loss, rows), gradients(expected, rows), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_ranks_average_to_the_loss_of_one_process():
    objective = InfoNCE(symmetric=True)
    halves = [objective(TWO_NEGATIVES.contrast(0, 2))["loss"] * 2, objective(TWO_NEGATIVES.contrast(2, 5))["loss"] * 3]
    torch.testing.assert_close(sum(halves) / 5, objective(TWO_NEGATIVES.contrast())["loss"])


@pytest.mark.parametrize("denominator", ["both", "explicit"])
def test_a_translation_of_the_positive_as_candidate_changes_nothing(denominator):
    rows = Rows([1, 2], [11, 12], [21, 22])
    translated = Rows([1, 2], [11, 12], [21, 22, 11])
    translated.queries, translated.passages = rows.queries, rows.passages
    translated.negatives = torch.cat([rows.negatives, rows.passages[:1]])
    objective = InfoNCE(denominator=denominator)
    contrast, with_translation = rows.contrast(), translated.contrast()
    # the second query may use it: only the first query's row must not change
    for other in (contrast, with_translation):
        other.queries, other.positive, other.same = other.queries[:1], other.positive[:1], other.same[:1]
    torch.testing.assert_close(objective(with_translation)["loss"], objective(contrast)["loss"], rtol=0, atol=0)


def test_a_query_without_negatives_adds_no_loss_and_counts_none():
    rows = Rows([1, 1], [11, 11])
    terms = InfoNCE()(rows.contrast())
    assert terms["loss"].item() == 0
    assert terms["negatives_per_query"].item() == 0
    assert all(torch.isfinite(gradient).all() for gradient in gradients(terms["loss"], rows))


def test_telemetry_counts_effective_negatives_and_queries_won():
    rows = Rows([1, 2, 3], [11, 12, 11], [11, 21])
    with torch.no_grad():
        rows.queries.copy_(torch.eye(8)[:3])
        rows.passages.copy_(torch.eye(8)[[0, 2, 1]])  # the second and third queries' positives are swapped
        rows.negatives.copy_(torch.eye(8)[[5, 6]])
    terms = InfoNCE(temperature=0.1)(rows.contrast())
    # query 1: passage 12, negative 21; query 2: passage 11 twice, negatives 11, 21; query 3: as query 1
    assert terms["negatives_per_query"].item() == pytest.approx((2 + 4 + 2) / 3)
    assert terms["accuracy"].item() == pytest.approx(1 / 3)
    assert terms["temperature"].item() == pytest.approx(0.1)
    assert not any(value.requires_grad for name, value in terms.items() if name != "loss")


def test_a_collapsed_encoder_wins_nothing():
    rows = Rows([1, 2, 3], [11, 12, 13])
    rows.queries = rows.passages = torch.ones(3, 8)
    assert InfoNCE()(rows.contrast())["accuracy"].item() == 0


def test_temperature_one_cannot_go_below_its_floor():
    # the best possible arrangement for the paper's batch of 100: positives at cosine 1, negatives at -1
    rows = Rows(range(100), range(100), range(100, 200))
    rows.queries = rows.passages = torch.eye(8)[:1].expand(100, 8)
    rows.negatives = -rows.queries
    loss = InfoNCE(temperature=1.0, denominator="explicit")(rows.contrast())["loss"]
    assert loss.item() == pytest.approx(math.log(1 + 100 * math.exp(-2)), abs=1e-5)
    assert loss.item() == pytest.approx(2.68, abs=0.01)


def test_learned_temperature_has_the_formulas_gradient():
    objective = InfoNCE(temperature=0.1, learn_temperature=True, symmetric=True)
    (log_scale,) = objective.parameters()
    temperature = torch.tensor(0.1, requires_grad=True)
    expected = reference_loss(TWO_NEGATIVES, temperature, "both", symmetric=True)
    objective(TWO_NEGATIVES.contrast())["loss"].backward()
    # d loss / d log(1/t) = -t d loss / dt
    (by_temperature,) = torch.autograd.grad(expected, temperature)
    torch.testing.assert_close(log_scale.grad, (-temperature * by_temperature).detach()[None], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("log_scale", "temperature"), [(50.0, 0.01), (-50.0, 1.0)])
def test_learned_temperature_stays_in_bounds_and_can_return(log_scale, temperature):
    objective = InfoNCE(learn_temperature=True)
    with torch.no_grad():
        objective.log_scale.fill_(log_scale)
    terms = objective(TWO_NEGATIVES.contrast())
    terms["loss"].backward()
    assert terms["temperature"].item() == pytest.approx(temperature)
    assert objective.log_scale.grad.abs().item() > 0


def test_a_fixed_temperature_is_no_parameter_and_not_in_checkpoints():
    assert list(InfoNCE().parameters()) == []
    assert InfoNCE().state_dict() == {}
    assert list(InfoNCE(learn_temperature=True).state_dict()) == ["log_scale"]


def test_scores_are_computed_in_float32_under_autocast():
    objective = InfoNCE()
    expected = objective(TWO_NEGATIVES.contrast())["loss"]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(objective(TWO_NEGATIVES.contrast())["loss"], expected, rtol=0, atol=0)


def test_explicit_denominator_refuses_data_without_negatives():
    assert InfoNCE(denominator="explicit").requires_negatives
    assert not InfoNCE(denominator="both").requires_negatives
    objective = InfoNCE(denominator="explicit")
    with pytest.raises(InputError, match=r"objective\.denominator"):
        objective(DISTINCT.contrast())
    objective(ONE_NEGATIVE.contrast())
    assert objective(DISTINCT.contrast())["loss"].item() == 0  # some later batch may hold none


@pytest.mark.parametrize("temperature", [0, -0.1, math.nan, math.inf])
def test_a_temperature_that_is_not_above_zero_is_refused(temperature):
    with pytest.raises(InputError, match=r"objective\.temperature"):
        InfoNCE(temperature)


@pytest.mark.parametrize("temperature", [0.001, 2.0])
def test_a_learned_temperature_starts_within_its_bounds(temperature):
    InfoNCE(temperature)
    with pytest.raises(InputError, match=r"between 0\.01 and 1"):
        InfoNCE(temperature, learn_temperature=True)


def test_an_unknown_denominator_is_refused():
    with pytest.raises(InputError, match="both, in_batch, explicit"):
        InfoNCE(denominator="all")


def test_the_yaml_builds_it():
    with initialize_config_dir(str(Path(__file__).resolve().parents[2] / "conf"), version_base=None):
        overrides = ["+model=tiny", "+objective=infonce", "objective.symmetric=true", "objective.denominator=in_batch"]
        config = compose(overrides=overrides)
    objective = instantiate(config.objective)
    assert isinstance(objective, InfoNCE)
    assert (objective.symmetric, objective.denominator) == (True, "in_batch")
    terms = objective(DISTINCT.contrast())
    assert terms["temperature"].item() == pytest.approx(config.model.training.temperature)
