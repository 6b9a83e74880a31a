import subprocess
import sys

import numpy as np
import pytest

from src.data.cldr.facts import facts
from src.data.cldr.parallel import parallel_facts
from src.errors import InputError
from src.evaluation.benchmarks.cldr_facts import load


@pytest.fixture(scope="module")
def benchmark():
    return load()


def test_queries_are_the_tested_facts_in_every_language_and_candidates_all_answers(benchmark):
    tested = len(parallel_facts(None, where="").split.test)
    assert len(benchmark.queries) == 11 * tested
    assert 250 < tested < 350
    assert len(benchmark.candidates) == 11 * len(facts())
    assert np.bincount(benchmark.queries.language).tolist() == [tested] * 11
    assert np.bincount(benchmark.candidates.language).tolist() == [len(facts())] * 11


def test_relevant_is_the_asked_facts_answer_once_in_each_language(benchmark):
    judged, candidates = benchmark.judgements, benchmark.candidates
    assert (np.bincount(judged.query) == 11).all()
    for query, candidate in zip(judged.query[::97], judged.candidate[::97], strict=True):
        assert benchmark.queries.ids[query].partition("_")[2] == candidates.ids[candidate].partition("_")[2]
    languages = candidates.language[judged.candidate].reshape(-1, 11)
    assert (languages == np.arange(11)).all()


def test_texts_are_those_that_ids_name(benchmark):
    made = parallel_facts(None, where="")
    for texts, of_language in ((benchmark.queries, made.questions), (benchmark.candidates, made.answers)):
        for position in range(0, len(texts), 401):
            language, _, fact = texts.ids[position].partition("_f")
            assert texts.texts[position] == of_language[language][int(fact)]
            assert benchmark.languages[texts.language[position]] == language


def test_translations_of_a_question_share_a_concept(benchmark):
    _, counts = np.unique(benchmark.concept, return_counts=True)
    assert (counts == 11).all()
    assert benchmark.concept.tolist() == [int(ident.partition("_f")[2]) for ident in benchmark.queries.ids]


def test_the_same_entitys_other_facts_are_in_the_pool():
    entities = [fact.entity for fact in facts()]
    tested = parallel_facts(None, where="").split.test
    assert all(entities.count(facts()[fact].entity) > 1 for fact in tested)


def test_headline_and_name(benchmark):
    assert benchmark.name == load(languages=benchmark.languages[::-1]).name == "cldr_facts"
    assert benchmark.headline == benchmark.metrics[0] == "mAP"
    assert benchmark.metrics == ("mAP", "mAP@20", "MRR", "nDCG@10", "R@1", "R@10")


def test_another_part_or_pool_is_another_benchmark(benchmark):
    validation, smaller = load("validation"), load(languages=["de", "zh"])
    assert validation.name == "cldr_facts_validation"
    assert not set(validation.queries.ids) & set(benchmark.queries.ids)
    assert validation.candidates.ids == benchmark.candidates.ids
    assert smaller.name == "cldr_facts[de,zh]"
    assert set(smaller.queries.ids) < set(benchmark.queries.ids)
    assert len({b.fingerprint for b in (benchmark, validation, smaller)}) == 3


def test_mistakes_name_the_setting():
    with pytest.raises(InputError, match=r"benchmark\.split"):
        load("dev")
    with pytest.raises(InputError, match=r"benchmark\.languages"):
        load(languages=["de", "fr"])


def test_loads_without_torch():
    code = "import sys, src.evaluation.benchmarks.cldr_facts as b; b.load(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
