import numpy as np
import pytest

from src.errors import InputError
from src.evaluation.benchmarks.tatoeba import PRESETS, load
from src.evaluation.evaluate import score
from src.evaluation.suite import averages
from tests.command import type_in


@pytest.fixture
def folder(tmp_path):
    """Two languages; in German, lines 0 and 2 are the same sentence."""
    write(tmp_path, "deu", ["Hallo.", "Ja.", "Hallo."], ["Hello.", "Yes.", "Hi."])
    write(tmp_path, "swh", ["Ndiyo."], ["Yes."])
    return tmp_path


def write(folder, language, lines, english):
    for code, texts in ((language, lines), ("eng", english)):
        (folder / f"tatoeba.{language}-eng.{code}").write_text("\n".join(texts) + "\n", encoding="utf-8")


def test_line_by_line_in_both_directions(folder):
    suite = load(folder, languages=["deu", "swh"], cache_dir=folder / "cache")
    assert (suite.name, suite.over) == ("tatoeba[deu,swh]", "languages")
    german = suite.members[0]
    assert (german.name, german.languages, german.measured) == ("tatoeba-deu", ("deu", "eng"), ("crosslingual",))
    assert list(german.queries.texts) == ["Hallo.", "Ja.", "Hallo.", "Hello.", "Yes.", "Hi."]
    right = [german.candidates.ids[candidate] for candidate in german.judgements.candidate]
    assert list(german.queries.ids) == ["deu_0", "deu_1", "deu_2", "eng_0", "eng_1", "eng_2"]
    assert right == ["eng_0", "eng_1", "eng_2", "deu_0", "deu_1", "deu_2"]


@pytest.mark.parametrize(
    ("directions", "asked", "right"), [("to_english", "deu", "eng"), ("from_english", "eng", "deu")]
)
def test_one_direction(folder, directions, asked, right):
    (member,) = load(folder, languages=["deu"], directions=directions, cache_dir=folder / "cache").members
    assert list(member.queries.ids) == [f"{asked}_{row}" for row in range(3)]
    assert [member.candidates.ids[row] for row in member.judgements.candidate] == [f"{right}_{row}" for row in range(3)]


def test_an_equal_sentence_in_another_line_is_wrong(folder):
    """Accuracy by the line's number, as XTREME counts; the greater id wins a tie."""
    suite = load(folder, languages=["deu", "swh"], cache_dir=folder / "cache")
    meaning = np.eye(2, dtype=np.float32)
    german = meaning[[0, 1, 0, 0, 1, 0]]
    swahili = meaning[[0, 0]]
    of = {
        member.name: score(member, vectors, vectors).summary
        for member, vectors in zip(suite.members, (german, swahili), strict=True)
    }
    assert of["tatoeba-deu"]["pairs"]["deu-eng"]["Success@1"] == pytest.approx(2 / 3)
    average = averages(suite, of)["tatoeba[deu,swh]"]["settings"]
    assert average["crosslingual"]["Success@1"] == average["average"]["score"] == pytest.approx((2 / 3 + 1) / 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"languages": ["fra"]}, "no file tatoeba.fra-eng.fra"),
        ({"languages": "all"}, "unknown languages 'all'"),
        ({"languages": ["deu"], "directions": "back"}, "unknown directions 'back'"),
    ],
)
def test_what_is_not_there_is_told(folder, options, message):
    with pytest.raises(InputError, match=message):
        load(folder, cache_dir=folder / "cache", **options)


@pytest.mark.parametrize(
    ("lines", "message", "where"),
    [
        (["a"], "1 lines, but 2 in tatoeba.deu-eng.eng", "tatoeba.deu-eng.deu"),
        (["a", " "], "empty line", "deu, line 2"),
    ],
)
def test_bad_files_are_named(tmp_path, lines, message, where):
    write(tmp_path, "deu", lines, ["A", "B"])
    with pytest.raises(InputError, match=message) as error:
        load(tmp_path, languages=["deu"], cache_dir=tmp_path / "cache")
    assert str(error.value.where).endswith(where)


def test_empty_files_are_named(tmp_path):
    for code in ("deu", "eng"):
        (tmp_path / f"tatoeba.deu-eng.{code}").touch()
    with pytest.raises(InputError, match="no sentence") as error:
        load(tmp_path, languages=["deu"], cache_dir=tmp_path / "cache")
    assert error.value.where == str(tmp_path / "tatoeba.deu-eng.deu")


def test_the_presets():
    assert (len(PRESETS["xtreme"]), len(PRESETS["xtreme_r"])) == (36, 41)


def test_the_real_files(real_data, tmp_path):
    suite = load(real_data("tatoeba"), cache_dir=tmp_path)
    assert (suite.name, len(suite.members)) == ("tatoeba", 36)
    sizes = {member.name: len(member.queries) for member in suite.members}
    assert (sizes["tatoeba-deu"], sizes["tatoeba-swh"], sizes["tatoeba-tel"]) == (2000, 780, 468)


@pytest.mark.slow
def test_scored_by_a_run_through_the_entry_point(real_data, finished_run, tmp_path):
    run, _ = finished_run
    answer = type_in(
        "src.evaluate",
        f"checkpoint={run}",
        "benchmark=tatoeba",
        f"benchmark.folder={real_data('tatoeba')}",
        "benchmark.languages=[swh,tel]",
        "logger=csv",
        f"hydra.run.dir={tmp_path / 'scored'}",
    )
    assert answer.status == 0, answer.text
    assert "mean of 2 languages" in answer.text
