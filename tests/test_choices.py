"""Mistaken choices of groups, told with what may be chosen."""

import pytest

from src.choices import check_choices
from src.errors import InputError
from src.preflight.compose import compose_run
from tests.command import ROOT, type_in

CONF = str(ROOT / "conf")
ADAPTERS = r"fix:   leave it out, adapter=\[\] for none, or one of bottleneck, lora"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("adapter=null", rf"adapter is chosen by name, not by null\n  where: adapter=null\n  {ADAPTERS}"),
        ("+adapter=null", ADAPTERS),
        ("adapter=lora,null", ADAPTERS),
        ("model=5", "model is chosen by name, not by 5"),
        ("dataset@validation_data=null", r"leave it out, dataset@validation_data=\[\] for none"),
        (
            "terms=[coral,foo]",
            r"terms has no choice 'foo'\n  where: terms=\[coral,foo\]\n  fix:   a list of any of adv",
        ),
        ("terms=null", r"terms=\[\] for none"),
        ("terms=[],[foo]", "no choice 'foo'"),
        ("terms=[[coral]]", r"terms has no choice \['coral'\]"),
    ],
)
def test_a_choice_that_cannot_be_is_told_with_those_that_can(typed, told):
    with pytest.raises(InputError, match=told):
        check_choices(CONF, ["-m", "seed=1", typed])


@pytest.mark.parametrize(
    "typed",
    [
        ["adapter=lora,bottleneck", "sampler=*", "seed=1,2", "trainer.resume=null", "terms=[],[coral,'mmd']"],
        [
            "~adapter",
            "~dataset@validation_data=null",
            "terms={}",
            "experiment=[paper,adapters]",
            "hydra/launcher=basic",
        ],
        ["sampler=foo", "batch_size=["],  # Hydra says what there is to say
        ["-cd", "mine", "terms=[mine]"],
        ["--config-dir=mine", "terms=[mine]"],
    ],
)
def test_what_can_be_is_not_refused(typed):
    check_choices(CONF, typed)


@pytest.mark.parametrize("entry", ["train", "evaluate", "check", "rows", "mine", "audit", "search"])
def test_every_command_that_has_groups_says_so(entry):
    answer = type_in(f"src.{entry}", "dataset=null" if entry in ("rows", "mine", "audit") else "model=null")
    assert answer.status == 2, answer.text
    assert " is chosen by name, not by null\n  where: " in answer.err
    assert "Traceback" not in answer.text


def test_the_empty_list_undoes_a_recipes_choice():
    typed = ["experiment=paper", "adapter=[]", "dataset@validation_data=[]", "terms=[]"]
    assert compose_run(CONF, typed).get("validation_data") is None
    assert compose_run(CONF, typed[:1]).validation_data is not None
