from dataclasses import replace

import pytest

from src.errors import InputError
from src.evaluation.benchmarks.suite import load
from src.evaluation.evaluate import score
from src.evaluation.suite import Suite, averages, benchmarks_of, measures_of
from tests.evaluation.examples import WORKED, WORKED_SCORES, embeddings

FIRST, SECOND = replace(WORKED, name="first"), replace(WORKED, name="second", score_setting="multilingual")
OTHER = replace(WORKED, name="other", settings=("crosslingual",), metrics=("R@1",), headline="R@1")


def summaries(*benchmarks):
    """Each scored, the second and further ones with another ranking."""
    scores = [WORKED_SCORES, [row[::-1] for row in WORKED_SCORES], WORKED_SCORES]
    return {
        each.name: score(each, *embeddings(values)).summary for each, values in zip(benchmarks, scores, strict=False)
    }


def test_the_average_of_members_that_measure_the_same():
    of = summaries(FIRST, SECOND)
    for values in of["second"]["settings"].values():
        values["queries"] *= 10  # a larger member counts no more
    (average,) = averages(Suite("both", (FIRST, SECOND), "domains"), of).values()
    for setting, values in of["first"]["settings"].items():
        for metric in ("mAP", "R@1"):
            mean = (values[metric] + of["second"]["settings"][setting][metric]) / 2
            assert average["settings"][setting][metric] == pytest.approx(mean)
        assert average["settings"][setting]["results"] == 2
        assert average["settings"][setting]["queries"] == 11 * values["queries"]
    assert (average["over"], average["queries"], average["candidates"]) == ("domains", 6, 10)


def test_the_score_is_the_headline_in_its_setting_or_in_the_mean_of_all():
    of = summaries(FIRST, SECOND)
    (average,) = averages(Suite("both", (FIRST, SECOND), "domains"), of).values()
    settings = of["first"]["settings"]
    assert average["members"]["first"] == pytest.approx(sum(values["mAP"] for values in settings.values()) / 3)
    assert average["members"]["second"] == of["second"]["settings"]["multilingual"]["mAP"]
    whole = average["settings"]["average"]
    assert whole == {"score": pytest.approx(sum(average["members"].values()) / 2), "queries": 6, "results": 2}


def test_the_score_is_the_mean_of_the_members():
    (average,) = averages(Suite("three", (FIRST, SECOND, OTHER), "tasks"), summaries(FIRST, SECOND, OTHER)).values()
    assert average["settings"]["average"]["score"] == pytest.approx(sum(average["members"].values()) / 3)


def test_suites_in_a_suite_share_the_score_only():
    inner = [Suite(f"of {each.name}", (each,), "languages") for each in (FIRST, SECOND)]
    outer = list(averages(Suite("outer", tuple(inner), "tasks"), summaries(FIRST, SECOND)).values())[-1]
    assert outer["settings"].keys() == {"average"}


def test_members_that_measure_different_things_share_the_score_only():
    of = summaries(FIRST, OTHER)
    (average,) = averages(Suite("mixed", (FIRST, OTHER), "tasks"), of).values()
    assert average["settings"].keys() == {"average"}
    assert average["members"]["other"] == of["other"]["settings"]["crosslingual"]["R@1"]
    deeper = replace(WORKED, name="deeper", metrics=("mAP", *(f"R@{k + 2}" for k in range(len(WORKED.metrics) - 1))))
    (average,) = averages(Suite("mixed", (FIRST, deeper), "tasks"), summaries(FIRST, deeper)).values()
    assert average["settings"].keys() == {"average"}


def test_a_suite_in_a_suite_counts_as_one_member():
    inner = Suite("inner", (FIRST, SECOND), "languages")
    outer = Suite("outer", (inner, OTHER), "tasks")
    of = summaries(FIRST, SECOND, OTHER)
    found = averages(outer, of)
    assert list(found) == ["inner", "outer"]
    assert found["outer"]["members"]["inner"] == found["inner"]["settings"]["average"]["score"]
    mean = (found["inner"]["settings"]["average"]["score"] + found["outer"]["members"]["other"]) / 2
    assert found["outer"]["settings"] == {"average": {"score": pytest.approx(mean), "queries": 9, "results": 2}}
    assert [each.name for each in benchmarks_of(outer)] == ["first", "second", "other"]


def test_other_content_of_a_member_is_another_suite():
    changed = replace(SECOND, template="{other}")
    suites = [Suite("both", (FIRST, second), "domains") for second in (SECOND, changed)]
    (one,), (two,) = (averages(suite, summaries(*suite.members)).values() for suite in suites)
    assert one["fingerprint"] != two["fingerprint"]


def test_a_benchmark_alone_has_no_average():
    assert averages(FIRST, summaries(FIRST)) == {}
    assert benchmarks_of(FIRST) == [FIRST]
    assert measures_of(OTHER) == ["crosslingual/R@1"]
    assert measures_of(Suite("one", (FIRST,), "tasks")) == ["average/score"]


@pytest.mark.parametrize(
    ("members", "message"),
    [((), "no members"), ((FIRST, FIRST), "same name"), ((replace(WORKED, name="suite"),), "same name")],
)
def test_what_is_no_suite_is_refused(members, message):
    with pytest.raises(InputError, match=message):
        Suite("suite", members, "tasks")


def test_a_score_setting_that_is_not_measured_is_refused():
    with pytest.raises(InputError, match="does not measure 'multilingual'"):
        replace(OTHER, score_setting="multilingual")


def test_members_as_a_yaml_composes_them():
    suite = load("mine", {"a": lambda: FIRST, "b": lambda: OTHER}, over="datasets")
    assert (suite.name, suite.over, suite.members) == ("mine", "datasets", (FIRST, OTHER))
    with pytest.raises(InputError, match="a member is no benchmark"):
        load("mine", {"a": {"folder": "x"}})
