from collections.abc import Mapping

import pytest
from hydra.errors import InstantiationException
from omegaconf import OmegaConf

from src.errors import InputError
from src.options import POSITIVE, as_input_error, check_options, texts

BOUNDS = {
    **{"name": str, "steps": POSITIVE, "nested.quick": bool, "mode": (None, True, "bf16")},
    **{"trainer.threads": POSITIVE, "trainer.gradient_clip_val": float},
}
GOOD = {"name": "a", "steps": 1, "nested": {"quick": True}, "mode": None, "trainer": {"threads": None}}


def target(
    rate: float,
    *,
    languages: list[str] | None = None,
    files: "Mapping[str, str | list[str]] | None" = None,
    fast: bool = False,
    free: object = None,
) -> None: ...


def passes_on(rate: float, **options: object) -> None: ...


def section(**options):
    return {"_target_": f"{__name__}.target", "_partial_": True, "rate": 1, **options}


def test_good_options_pass():
    for clip in (None, 0, 0.5):
        check_options(OmegaConf.merge(GOOD, {"trainer": {"gradient_clip_val": clip}}), BOUNDS)
    check_options(OmegaConf.create({"group": section(languages=["de"], fast=True, free="anything")}), {})


def test_keys_may_be_numbers():
    """As in a staircase of weights."""
    config = OmegaConf.create({"objective_weight": {0: 0, 0.2: 0.5}, "terms": {"a": section(weight={0: 1, 0.5: 0})}})
    OmegaConf.set_struct(config, True)
    check_options(config, {})


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"steps": 0}, "steps must be a whole number from 1 on, got 0"),
        ({"steps": "many"}, "got 'many'"),
        ({"steps": 1.5}, "got 1.5"),
        ({"steps": True}, "got True"),
        ({"steps": None}, "got None"),
        ({"nested": {"quick": "yes"}}, "nested.quick must be true or false, got 'yes'"),
        ({"name": " "}, "name must be a text, got ' '"),
        ({"name": 5}, "name must be a text, got 5"),
        ({"mode": "half"}, "mode must be one of null, true, bf16, got 'half'"),
        ({"trainer": {"threads": -1}}, "trainer.threads must be a whole number from 1 on, got -1"),
        ({"steps": 9999999999}, "steps must be a whole number from 1 to 2147483647, got 9999999999"),
        ({"trainer": {"gradient_clip_val": -1}}, "trainer.gradient_clip_val must be a number from 0 on, got -1"),
        ({"trainer": {"gradient_clip_val": "hard"}}, "must be a number from 0 on, got 'hard'"),
        ({"trainer": {"gradient_clip_val": True}}, "must be a number from 0 on, got True"),
        ({"trainer": {"gradient_clip_val": float("nan")}}, "must be a number from 0 on, got nan"),
    ],
)
def test_values_out_of_bounds(changed, told):
    with pytest.raises(InputError) as error:
        check_options(OmegaConf.create({**GOOD, **changed}), BOUNDS)
    assert told in str(error.value)
    assert error.value.where in BOUNDS


@pytest.mark.parametrize(
    ("options", "where", "told"),
    [
        ({"raet": 2}, "group.raet", "no option 'raet'\n  where: group.raet\n  fix:   one of rate"),
        ({"rate": "fast"}, "group.rate", "must be a number, got 'fast'"),
        ({"rate": True}, "group.rate", "must be a number, got True"),
        ({"languages": "de"}, "group.languages", "must be a list or null, got 'de'"),
        ({"files": ["a.json"]}, "group.files", "must be a mapping or null, got ['a.json']"),
        ({"fast": 1}, "group.fast", "must be true or false, got 1"),
        ({"_target_": "src.nowhere.Nothing"}, "group._target_", "cannot load src.nowhere.Nothing"),
    ],
)
def test_options_that_the_target_does_not_take(options, where, told):
    with pytest.raises(InputError) as error:
        check_options(OmegaConf.create({"group": section(**options)}), {})
    assert error.value.where == where
    assert told in str(error.value)


def test_a_target_that_passes_options_on_is_asked_when_called():
    config = OmegaConf.create({"group": {"_target_": f"{__name__}.passes_on", "rate": 1, "other": 2}})
    check_options(config, {})
    mistake = as_input_error(TypeError("f() got an unexpected keyword argument 'other'"), config)
    assert mistake is not None
    assert mistake.where == "group.other"
    assert as_input_error(TypeError("f() got an unexpected keyword argument 'mine'"), config) is None
    assert as_input_error(ValueError("unexpected keyword argument 'other'"), config) is None


def test_a_mistake_that_hydra_wrapped_comes_out():
    mistake, wrapped = InputError("too small"), InstantiationException("Error in call")
    wrapped.__cause__ = mistake
    assert as_input_error(wrapped, OmegaConf.create()) is mistake
    wrapped.__cause__ = KeyError("a fault of ours")
    assert as_input_error(wrapped, OmegaConf.create()) is None


def test_one_text_may_stand_for_a_list():
    assert texts(None, "languages") == texts([], "languages") == []
    assert texts("de", "languages") == texts(OmegaConf.create(["de"]), "languages") == ["de"]
    for value in (5, 0, ["de", 5], {"de": "en"}, OmegaConf.create({"de": 1})):
        with pytest.raises(
            InputError, match=r"languages must be a text or a list of texts, got .*\n  where: languages"
        ):
            texts(value, "languages")
