from pathlib import Path

import pytest

from src.comparing.interval import Bootstrap
from src.shifting.shifting import Asked, Shift, report_shift
from src.shifting.split import BASE, BOTH, CROSS_IN, CROSS_OUT, DOMAIN, DOMAIN_THERE, INTERACTION, LANGUAGE
from tests.written_runs import make_evaluation, make_run

WIKI = {"en": 0.8, "de": 0.7, "ar": 0.5}  # S(domain, language) in the monolingual setting
SHOP = {"en": 0.6, "de": 0.4, "ar": 0.1}
CROSS = 0.25  # every cross-lingual result


def run(folder: Path, domains: dict[str, dict[str, float]], seed: int = 1) -> Path:
    def of(scores):
        return lambda setting, _, query, __: (scores[query] if setting == "monolingual" else CROSS) + 0.01 * (seed - 1)

    scored = [make_evaluation(of(each), name=name, languages=tuple(each), concepts=3) for name, each in domains.items()]
    return make_run(folder / str(seed), seed=seed, sampler={}, choice="hybrid", evaluations=scored)


def report(folder: Path, **asked) -> Shift:
    return report_shift([folder], Bootstrap(resamples=20), Asked(**{"in_domain": ["wiki"], **asked}))


def parts(shift: Shift) -> dict[str, float]:
    return {figure.measure: figure.spread.mean for figure in shift.figures if " mean" not in figure.measure}


def test_the_parts_and_what_they_do_not_explain_by_hand(tmp_path: Path):
    for seed in (1, 2):
        run(tmp_path, {"wiki": WIKI, "shop": SHOP}, seed)
    shift = report(tmp_path)
    found = parts(shift)
    assert found[BASE] == pytest.approx(0.805)
    assert found[LANGUAGE] == pytest.approx(0.8 - 0.6)
    assert found[DOMAIN] == pytest.approx(0.8 - 0.6)
    assert found[BOTH] == pytest.approx(0.8 - 0.25)
    assert found[INTERACTION] == pytest.approx(0.55 - 0.2 - 0.2)
    assert found[CROSS_IN] == pytest.approx(0.8 - 0.25)
    assert found[CROSS_OUT] == pytest.approx(0.8 - 0.25)
    assert DOMAIN_THERE not in found
    (spread,) = [figure.spread for figure in shift.figures if figure.measure == LANGUAGE]
    assert (spread.runs, spread.std) == (2, pytest.approx(0, abs=1e-12))
    assert "Language part: wiki; queries in de, ar." in shift.notes
    table = shift.tables[-1]
    assert table.rows[1] == ["  base", "0.805 ± 0.007", ""]
    assert table.rows[2] == ["  language part", "+0.200 ± 0.000", "+24.8 %"]


def test_domains_count_alike_and_only_those_with_the_languages_are_in_both(tmp_path: Path):
    run(tmp_path, {"wiki": WIKI, "shop": SHOP, "news": {"en": 0.2}})
    shift = report(tmp_path)
    found = parts(shift)
    assert found[DOMAIN] == pytest.approx(0.8 - (0.6 + 0.2) / 2)
    assert found[DOMAIN_THERE] == pytest.approx(0.8 - 0.6)
    assert found[BOTH] == pytest.approx(0.8 - 0.25)
    assert found[INTERACTION] == pytest.approx(0.15)
    assert "Domain part: shop, news; queries in en." in shift.notes
    assert "Domain part, same domains: shop; queries in en." in shift.notes


def test_parts_are_over_the_languages_that_domains_have_in_common(tmp_path: Path):
    run(tmp_path, {"wiki": WIKI, "shop": {"en": 0.6, "de": 0.4, "sw": 0.0}})
    shift = report(tmp_path)
    found = parts(shift)
    assert found[LANGUAGE] == pytest.approx(0.1)
    assert found[INTERACTION] == pytest.approx((0.8 - 0.4) - 0.1 - 0.2)
    assert "Not in the split, as not all domains with several languages have them: ar, sw." in shift.notes


def test_languages_in_common_with_none_are_the_in_domain_ones(tmp_path: Path):
    run(tmp_path, {"wiki": WIKI, "shop": {"en": 0.6, "sw": 0.1}})
    found = parts(report(tmp_path))
    assert found[LANGUAGE] == pytest.approx(0.2)
    assert BOTH not in found
    assert INTERACTION not in found


def test_another_source_language(tmp_path: Path):
    run(tmp_path, {"wiki": WIKI, "shop": SHOP})
    found = parts(report(tmp_path, language="ar"))
    assert (found[BASE], found[LANGUAGE]) == pytest.approx((0.5, 0.5 - 0.75))


def test_one_language_gives_the_domain_part_alone_and_says_so(tmp_path: Path):
    run(tmp_path, {"wiki": {"en": 0.8}, "shop": {"en": 0.6}})
    shift = report(tmp_path, setting="monolingual")
    found = parts(shift)
    assert found[DOMAIN] == pytest.approx(0.2)
    assert not found.keys() & {LANGUAGE, BOTH, INTERACTION, CROSS_IN, CROSS_OUT}
    assert (
        "Not given: language part, as there are no in-domain results of queries in en and in another language."
        in shift.notes
    )
    assert "Not given: interaction, which needs the language part, the domain part and both together." in shift.notes


def test_without_a_language_in_all_domains_there_is_no_split_unless_one_is_named(tmp_path: Path):
    run(tmp_path, {"wiki": {"de": 0.8, "ar": 0.4}, "shop": {"en": 0.6, "de": 0.5}})
    shift = report(tmp_path)
    assert BASE not in parts(shift)
    assert any("not all domains have queries in en" in note and "in all domains are de" in note for note in shift.notes)
    assert parts(report(tmp_path, language="de"))[DOMAIN] == pytest.approx(0.3)
    found = parts(report(tmp_path, language="ar"))  # in-domain only: no domain part, and it is not invented
    assert found[LANGUAGE] == pytest.approx(-0.4)
    assert DOMAIN not in found
