import os
import subprocess
import sys

import pytest

from src.data.cldr.facts import facts
from src.data.cldr.parallel import parallel_facts
from src.data.cldr.templates import LANGUAGES
from src.errors import InputError


def test_every_language_holds_every_fact():
    made = parallel_facts(None, where="")
    assert made.languages == LANGUAGES
    for texts in (made.questions, made.answers):
        assert tuple(texts) == LANGUAGES
        assert {len(by_fact) for by_fact in texts.values()} == {len(facts())}
        assert all(text.strip() for by_fact in texts.values() for text in by_fact)


def test_some_languages_keep_facts_texts_and_split():
    every, some = parallel_facts(None, where=""), parallel_facts(["zh", "de"], where="")
    assert some.languages == ("zh", "de")
    assert some.answers["zh"] == every.answers["zh"]
    assert [part.tolist() for part in some.split] == [part.tolist() for part in every.split]
    assert some.fingerprint != every.fingerprint


@pytest.mark.parametrize("languages", [["de", "fr"], ["de", "de"], []])
def test_languages_that_cannot_be(languages):
    with pytest.raises(InputError) as error:
        parallel_facts(languages, where="dataset.languages")
    assert error.value.where == "dataset.languages"


def test_an_unknown_language_is_named_with_those_there_are():
    with pytest.raises(InputError, match="'fr'") as error:
        parallel_facts(["de", "fr"], where="dataset.languages")
    assert "ar, de, el" in error.value.fix


def test_sources_say_which_data_and_templates():
    sources = parallel_facts(["de"], where="").sources
    assert [name.rpartition(" ")[2] for name in sources] == ["global.dat", "de.dat", "de.toml"]
    assert all(len(sha256) == 64 for sha256 in sources.values())


def test_the_same_in_every_process():
    code = "from src.data.cldr.parallel import parallel_facts as p; print(p(None, where='').fingerprint)"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {parallel_facts(None, where="").fingerprint + "\n"}
