import numpy as np
import pytest

from src.data.pair_index import HardNegatives, PairIndex
from src.data.parallel_pairs import ParallelPairs
from src.data.training_files import held_masks, open_index, read_cached, save_index

PAIRS = ParallelPairs(
    languages=("de", "en"),
    questions=[["wer?", "wo?", None, "wer?"], ["who?", None, "when?", "who?"]],
    passages=[["Ada", None, "Bob"], ["Ada", "Eve", "Ada"]],
    passage=np.array([0, 1, 2, 0], np.int32),
    held_out=np.array([False, True, False, False]),
    datasets=("a", "b"),
    dataset=np.array([0, 0, 1, 1], np.uint8),
    negatives=HardNegatives(np.array([0, 1, 3, 3, 4]), np.array([1, 0, 2, 2], np.int32)),
)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.json"
    path.write_text("content")
    return path


def read(cache_dir, source, build=PAIRS.write, **changes):
    settings = {"reader": "test 1", "name": "mine", "settings": {"languages": ["de", "en"]}} | changes
    return read_cached(cache_dir, sources={"source.json": source}, build=build, **settings)


def test_pairs_come_back_as_training_data(tmp_path, source):
    data = read(tmp_path, source)
    train, validation = data.train, data.validation
    assert train.question.tolist() == [0, 2, 3]
    assert train.passage.tolist() == [0, 2, 0]
    assert train.question_languages.tolist() == [0b11, 0b10, 0b11]
    assert train.passage_languages.tolist() == [0b11, 0b11, 0b11]
    assert (train.datasets, train.dataset.tolist()) == (("a", "b"), [0, 1, 1])
    assert [train.negatives.of(c).tolist() for c in range(3)] == [[1], [], [2]]
    assert (validation.question.tolist(), validation.passage_languages.tolist()) == ([1], [0b10])
    assert validation.negatives.of(0).tolist() == [0, 2]
    assert data.test is None
    assert data.questions.languages == data.passages.languages == train.languages == ("de", "en")
    assert data.questions.group.tolist() == [0, 1, 2, 0]  # two concepts ask the same
    assert data.passages.group.tolist() == [0, 1, 0]  # the second "Ada" in English


def test_built_once_and_again_when_anything_differs(tmp_path, source):
    first = read(tmp_path, source)
    again = read(tmp_path, source, build=lambda _: pytest.fail("built again"))
    assert again.fingerprint == first.fingerprint
    assert isinstance(again.train.question, np.memmap)
    changed = [
        read(tmp_path, source, reader="test 2"),
        read(tmp_path, source, name="yours"),
        read(tmp_path, source, settings={"languages": ["en", "de"]}),
    ]
    source.write_text("changed")
    changed.append(read(tmp_path, source))
    assert len({first.fingerprint, *(data.fingerprint for data in changed)}) == 5
    assert first.sources != changed[-1].sources


def test_constants_stay_constants(tmp_path):
    index = PairIndex(
        languages=("de",),
        question=np.arange(1000, dtype=np.int32),
        passage=np.arange(1000, dtype=np.int32),
        question_languages=np.broadcast_to(np.uint8(1), (1000,)),
        passage_languages=np.broadcast_to(np.uint8(1), (1000,)),
        dataset=np.broadcast_to(np.uint8(0), (1000,)),
        datasets=("only",),
    )
    save_index(tmp_path / "index", index)
    again = open_index(tmp_path / "index")
    assert again.question_languages.strides == again.dataset.strides == (0,)
    assert again.question_languages.dtype == np.uint8
    assert again.question_languages.tolist() == [1] * 1000
    assert again.negatives is None
    assert again.select(np.array([3, 5])).question_languages.tolist() == [1, 1]


def test_masks_follow_what_is_held(tmp_path, source):
    data = read(tmp_path, source)
    assert held_masks(data.questions).tolist() == [0b11, 0b01, 0b10, 0b11]
    assert held_masks(data.passages).tolist() == [0b11, 0b10, 0b11]


def test_one_file_is_no_files(tmp_path, source, caplog):
    with caplog.at_level("INFO"):
        read(tmp_path / "cache", source)
    assert caplog.messages[0].endswith(": 1 file")
