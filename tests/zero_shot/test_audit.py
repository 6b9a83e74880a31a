from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from src.data.pair_index import HardNegatives
from src.data.readers import cldr_facts
from src.data.training_data import TrainingData
from src.errors import InputError
from src.evaluation.benchmark import Benchmark
from src.evaluation.benchmarks.cldr_facts import load
from src.evaluation.suite import Suite
from src.zero_shot import sides
from src.zero_shot.audit import audit, overlap_section
from src.zero_shot.counts import OTHERS, QUESTIONS, RELEVANT, check_overlap
from tests.zero_shot.eleven import EXACT, LANGUAGES, PASSAGES, UNRELATED, Text
from tests.zero_shot.eleven import QUESTIONS as ASKED
from tests.zero_shot.examples import benchmark, training_data

EDITS = ("same", "punctuation", "case", "word", "clause")


def edited(texts: dict[str, Text]) -> dict[str, list[str]]:
    return {code: list(text.edits().values()) for code, text in texts.items()}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainingData:
    """Each language's question and passage, among others that the benchmark does not hold."""
    return training_data(
        tmp_path_factory.mktemp("data"),
        {code: [f"{code} {code}?", text.original] for code, text in ASKED.items()},
        {code: [UNRELATED[code][0], text.original] for code, text in PASSAGES.items()},
    )


@pytest.fixture(scope="module")
def planted() -> Benchmark:
    """Copies and edits of what is trained on; the rest of the pool is new."""
    asked = {code: [*texts, UNRELATED[code][0]] for code, texts in edited(ASKED).items()}
    return benchmark(asked, edited(PASSAGES), {code: [UNRELATED[code][1]] for code in LANGUAGES})


def audited(data: TrainingData, held: Benchmark | Suite, **options) -> dict:
    return audit(data, held, **{"similarity": 0.7, "sentences": True, "listed": 100, **options})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_planted_overlap_is_found_and_nothing_else(trained, planted, language):
    parts = audited(trained, planted)["benchmarks"]["planted"]["parts"]
    found = {part: counted["languages"][language] for part, counted in parts.items()}
    shares = {"exact_share": len(EXACT) / 6, "near_share": len(EDITS) / 6}
    assert found[QUESTIONS] == {"texts": 6, "exact": len(EXACT), "near": len(EDITS), **shares}
    assert found[RELEVANT] == {"texts": 5, "exact": 3, "near": 5, "exact_share": 0.6, "near_share": 1.0}
    assert found[OTHERS] == {"texts": 1, "exact": 0, "near": 0, "exact_share": 0.0, "near_share": 0.0}


def test_what_overlaps_is_named_with_what_it_overlaps(trained, planted):
    overlaps = audited(trained, planted)["benchmarks"]["planted"]["overlaps"]
    assert [len(overlaps[part]) for part in (QUESTIONS, RELEVANT, OTHERS)] == [55, 55, 0]
    for place, overlap in enumerate(overlaps[RELEVANT]):
        language, edit = LANGUAGES[place // 5], EDITS[place % 5]
        assert overlap["id"] == f"{language}_p{place % 5}"
        assert overlap["text"] == PASSAGES[language].edits()[edit]
        assert overlap["training"] == {"language": language, "id": 1, "text": PASSAGES[language].original}
        assert overlap["exact"] == (edit in EXACT)
        assert overlap["similarity"] == 1 if overlap["exact"] else 0.7 <= overlap["similarity"] < 1
    assert len(audited(trained, planted, listed=2)["benchmarks"]["planted"]["overlaps"][QUESTIONS]) == 22


@pytest.mark.parametrize("turned", [False, True])
def test_blocks_change_nothing(trained, planted, turned, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    data = trained
    if turned:  # more training texts than the benchmark's: that side is streamed
        more = {code: [f"{UNRELATED[code][1]} {i}" for i in range(20)] for code in LANGUAGES}
        asked, told = (
            {code: [text.original, *more[code]] for code, text in each.items()} for each in (ASKED, PASSAGES)
        )
        data = training_data(tmp_path, asked, told)
    whole = audited(data, planted)
    monkeypatch.setattr(sides, "CHUNK", 7)
    assert audited(data, planted, block=7) == whole
    assert audited(data, planted, block=20) == whole
    assert whole["benchmarks"]["planted"]["parts"][RELEVANT]["all"]["near"] == 55


def test_questions_and_passages_are_apart(tmp_path: Path):
    asked, told = {"en": [ASKED["en"].original]}, {"en": [PASSAGES["en"].original]}
    data = training_data(tmp_path, told, asked)  # the wrong way round
    parts = audited(data, benchmark(asked, told, {"en": []}))["benchmarks"]["planted"]["parts"]
    assert [parts[part]["all"]["near"] for part in (QUESTIONS, RELEVANT)] == [0, 0]


def test_a_text_leaks_whatever_its_language_tag(tmp_path: Path):
    german = {"en": [ASKED["de"].original]}
    data = training_data(tmp_path, german, german)
    held = {"de": [ASKED["de"].original]}
    found = audited(data, benchmark(held, held, {"de": []}))["benchmarks"]["planted"]
    assert found["parts"][QUESTIONS]["languages"]["de"]["exact"] == 1
    assert found["overlaps"][QUESTIONS][0]["training"]["language"] == "en"


def test_a_sentence_inside_a_training_passage(tmp_path: Path):
    told = {
        code: [" ".join([UNRELATED[code][0], text.original, UNRELATED[code][1]])] for code, text in PASSAGES.items()
    }
    data = training_data(tmp_path, {code: [text.original] for code, text in ASKED.items()}, told)
    held = benchmark({code: ["?"] for code in LANGUAGES}, edited(PASSAGES), {code: [] for code in LANGUAGES})
    found = audited(data, held)["benchmarks"]["planted"]
    counted = found["parts"][RELEVANT]["languages"]
    assert {code for code in LANGUAGES if counted[code]["exact"] == 3 and counted[code]["near"] == 5} == {
        *LANGUAGES
    } - {"th"}  # which writes no ends of sentences
    assert found["overlaps"][RELEVANT][0]["training"]["text"] == PASSAGES["ar"].original
    section = overlap_section(data, held)["benchmarks"]["planted"]["parts"]
    assert section[RELEVANT]["all"]["exact"] == 30
    whole = audited(data, held, sentences=False)["benchmarks"]["planted"]["parts"]
    assert whole[RELEVANT]["all"]["near"] == 0


def test_only_what_can_be_trained_on_counts(tmp_path: Path):
    texts = {"en": ["a first text that is trained on", "a negative, also trained on", "something else, held out"]}
    negatives = HardNegatives(np.array([0, 1, 1, 1]), np.array([1], np.int32))
    held = benchmark(texts, texts, {"en": []})
    alone = audited(training_data(tmp_path / "a", texts, texts, held_out=2), held)["benchmarks"]["planted"]["parts"]
    assert [alone[part]["all"]["exact"] for part in (QUESTIONS, RELEVANT)] == [1, 1]
    data = training_data(tmp_path / "b", texts, texts, held_out=2, negatives=negatives)
    both = audited(data, held)["benchmarks"]["planted"]["parts"]
    assert [both[part]["all"]["exact"] for part in (QUESTIONS, RELEVANT)] == [1, 2]


def test_a_language_that_a_concept_is_not_trained_in_does_not_count(tmp_path: Path):
    asked = {"de": ["Wer ist das gewesen?"], "en": ["Who was that?"]}
    told = {"de": ["Das war ich selbst.", None], "en": ["That was me.", "Somebody else, here."]}
    data = training_data(tmp_path, {code: texts * 2 for code, texts in asked.items()}, told, held_out=1)
    negatives = HardNegatives(np.array([0, 1]), np.array([1], np.int32))
    only_english = np.array([0b10], np.uint16)
    train = replace(data.train, question_languages=only_english, passage_languages=only_english, negatives=negatives)
    held = benchmark(asked, {"de": told["de"][:1], "en": told["en"]}, {"de": [], "en": []})
    parts = audited(replace(data, train=train), held)["benchmarks"]["planted"]["parts"]
    counted = {part: {code: each["exact"] for code, each in parts[part]["languages"].items()} for part in parts}
    assert counted == {QUESTIONS: {"de": 0, "en": 1}, RELEVANT: {"de": 0, "en": 2}, OTHERS: {}}


def test_each_of_two_sentences_is_looked_for(tmp_path: Path):
    told = {"en": ["The first of two sentences. The other is not like it."]}
    data = training_data(tmp_path, {"en": ["?"]}, told)
    held = benchmark({"en": ["?"]}, {"en": ["The first of two sentences.", "the other is not like it"]}, {"en": []})
    assert audited(data, held)["benchmarks"]["planted"]["parts"][RELEVANT]["all"]["exact"] == 2


def test_short_texts_and_texts_of_signs_only(tmp_path: Path):
    data = training_data(tmp_path, {"en": ["Who?", "...", "Who was it?"]}, {"en": ["Me.", "!", "It was me."]})
    held = benchmark({"en": ["who", "?!", "Who was he?"]}, {"en": ["ME", "§"]}, {"en": ["it was Me"]})
    parts = audited(data, held)["benchmarks"]["planted"]["parts"]
    assert [parts[part]["all"]["near"] for part in (QUESTIONS, RELEVANT, OTHERS)] == [1, 1, 1]


def test_the_embedded_default(tmp_path: Path):
    """No tested fact is trained on; of the pool's other answers all are but those held out for validation."""
    held = load()
    data = cldr_facts.read(tmp_path)
    parts = audit(data, held, similarity=None, sentences=True, listed=0)["benchmarks"]["cldr_facts"]["parts"]
    assert [parts[part]["all"]["exact"] for part in (QUESTIONS, RELEVANT)] == [0, 0]
    assert data.validation is not None
    rest = parts[OTHERS]["all"]
    assert rest["texts"] - rest["exact"] == len(data.validation) * len(held.languages)
    assert "near" not in rest


def test_the_section_of_a_record(trained, planted):
    suite = Suite("both", (planted, benchmark(*[{"en": ["never trained on"]}] * 2, {"en": []}, name="new")), "sets")
    section = overlap_section(trained, suite)
    assert section["benchmarks"]["planted"]["parts"].keys() == {QUESTIONS, RELEVANT}
    assert section["benchmarks"]["planted"]["parts"][RELEVANT]["languages"]["th"]["exact"] == 3
    assert section["benchmarks"]["new"]["parts"][QUESTIONS]["all"] == {"texts": 1, "exact": 0, "exact_share": 0.0}
    check_overlap(section, None)
    check_overlap(section, 0.6)
    with pytest.raises(InputError, match=r"60\.0% of the relevant passages of planted in ar are in the training data,"):
        check_overlap(section, 0.55)
    with pytest.raises(
        InputError, match=r"or nearly so, but max_overlap allows only 90\.0%\n  also (.|\n)*\n  and 6 more\n"
    ):
        check_overlap(audited(trained, planted), 0.9)


def test_the_same_is_compared_once(trained, planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = overlap_section(trained, planted, tmp_path)
    assert first == overlap_section(trained, planted)
    monkeypatch.setattr("src.zero_shot.audit.find", None)
    assert overlap_section(trained, planted, tmp_path) == first
    with pytest.raises(TypeError):
        overlap_section(replace(trained, fingerprint="another"), planted, tmp_path)


@pytest.mark.parametrize("limit", [-0.1, 2, "much", True])
def test_a_limit_that_is_none(limit):
    with pytest.raises(InputError, match="max_overlap must be a share"):
        check_overlap({"benchmarks": {}}, limit)


@pytest.mark.parametrize("similarity", [0.1, 1.0, "all", True])
def test_a_similarity_that_cannot_be_searched_for(trained, planted, similarity):
    with pytest.raises(InputError, match=r"similarity must be a number from 0\.5 to 0\.95"):
        audited(trained, planted, similarity=similarity)
