import re

import pytest

from src.errors import InputError
from src.evaluation.benchmarks import mewsli_x, miracl, mlqa_r, squad, squadshifts, xm3600, xquad_r
from src.evaluation.benchmarks.choice import choose


def test_none_are_all_and_the_order_is_the_askers():
    assert choose(None, {"de": 1, "en": 2}) == ("de", "en")
    assert choose(["en", "de"], ("de", "en")) == ("en", "de")
    assert choose(["ro"], ("de", "en")) == ("ro",)


@pytest.mark.parametrize("asked", ["de", [], ["de", "de"]])
def test_every_reader_wants_a_list_of_different_ones(asked, tmp_path):
    told = re.escape(f"{asked!r} is not a list of different ")
    for load in (xquad_r.load, mlqa_r.load):
        with pytest.raises(InputError, match=told + "languages"):
            load(tmp_path, languages=asked)
    for load in (miracl.load, mewsli_x.load, xm3600.load):
        (tmp_path / "candidate_set_entities.jsonl").touch()
        (tmp_path / "wikinews_mentions-test.jsonl").touch()
        with pytest.raises(InputError, match=told + "languages"):
            load(tmp_path, cache_dir=tmp_path, languages=asked)
    with pytest.raises(InputError, match=told + "domains") as error:
        squadshifts.load(tmp_path, cache_dir=tmp_path, domains=asked)
    assert error.value.where == "benchmark.domains"


def test_a_language_is_a_code(tmp_path):
    with pytest.raises(InputError, match="'english' is not a language code"):
        squad.load(tmp_path / "a.json", language="english", cache_dir=tmp_path)
