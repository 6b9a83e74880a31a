import pickle

import numpy as np
import pytest

from src.data.datamodule import PlannedBatches, Share
from src.data.pair_index import HardNegatives, PairIndex
from src.data.training_files import open_index, save_index
from src.retrieval.embeddings import Embeddings
from src.sampling.hybrid import Hybrid
from src.sampling.translations import Translations

CONCEPTS = 200_000
LANGUAGES = ("de", "en", "fr")


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> PairIndex:
    """On disk: three memory-mapped arrays and negatives, two constants, no two elements of an array alike."""
    ids = np.arange(CONCEPTS, dtype=np.int32)
    folder = tmp_path_factory.mktemp("index") / "train"
    everywhere = np.broadcast_to(np.uint8(0b111), CONCEPTS)
    made = PairIndex(
        languages=LANGUAGES,
        question=ids,
        passage=ids[::-1],
        question_languages=everywhere,
        passage_languages=(ids % 7 + 1).astype(np.uint8),
        dataset=np.broadcast_to(np.uint8(0), CONCEPTS),
        datasets=("one",),
        negatives=HardNegatives(np.arange(CONCEPTS + 1), ids),
    )
    save_index(folder, made)
    return open_index(folder)


def sent(value):
    """As another process gets it, and the bytes that it takes."""
    written = pickle.dumps(value)
    return pickle.loads(written), len(written)


def test_an_index_reaches_a_worker_without_being_copied(index):
    got, size = sent(index)
    assert size < 4000
    for name in ("question", "passage", "question_languages", "passage_languages", "dataset"):
        np.testing.assert_array_equal(getattr(got, name), getattr(index, name))
        assert getattr(got, name).dtype == getattr(index, name).dtype
    assert isinstance(got.passage, np.memmap)
    assert got.question_languages.strides == (0,)
    np.testing.assert_array_equal(got.negatives.passages, index.negatives.passages)
    np.testing.assert_array_equal(got.negatives.offsets, index.negatives.offsets)
    assert (got.languages, got.datasets, len(got)) == (LANGUAGES, ("one",), CONCEPTS)


@pytest.mark.parametrize("part", [slice(10, 60), slice(0, 50), slice(CONCEPTS - 7, None), slice(5, 5), slice(0, 90, 3)])
def test_part_of_a_mapped_array_stays_that_part(index, part):
    got, _ = sent(HardNegatives(index.negatives.offsets[part][2:], index.question[part]))
    np.testing.assert_array_equal(got.passages, np.arange(CONCEPTS)[part])
    np.testing.assert_array_equal(got.offsets, np.arange(CONCEPTS + 1)[part][2:])


def test_what_is_in_memory_is_sent_whole(index):
    chosen = index.select(np.array([3, 1, 2]))
    got, _ = sent(chosen)
    assert got.question.tolist() == [3, 1, 2]
    assert got.negatives.of(1).tolist() == [1]


def test_changes_in_memory_are_not_lost(tmp_path):
    """An array mapped copy-on-write may differ from its file."""
    np.save(tmp_path / "ids.npy", np.arange(9))
    changed = np.load(tmp_path / "ids.npy", mmap_mode="c")
    changed[0] = 5
    got, _ = sent(HardNegatives(changed, changed[3:]))
    assert got.offsets[0] == 5


def test_plans_and_second_languages_hold_no_copy_of_the_index(index):
    """A worker is sent its dataset: strategy, index, collator. Of a concept in a strategy remain a few bits."""
    strategy = Hybrid(index, 64, seed=1)
    batches = PlannedBatches(strategy, lambda *_: None, Share(64, 1, 1, 0), 10)
    batches.collate = None
    (got, translations), size = sent((batches, Translations(index, "query", 1)))
    assert size < 2 * CONCEPTS
    np.testing.assert_array_equal(got.strategy.plan(7), strategy.plan(7))
    rows = strategy.plan(7)
    np.testing.assert_array_equal(translations.plan(rows, 7), Translations(index, "query", 1).plan(rows, 7))


def test_embeddings_on_disk_are_sent_as_files(tmp_path):
    for number in range(2):
        np.save(tmp_path / f"{number}.npy", np.random.default_rng(number).random((500, 16), np.float32))
    kept = Embeddings([np.load(tmp_path / f"{number}.npy", mmap_mode="r") for number in range(2)])
    rows = np.array([0, 499, 500, 999])
    got, size = sent(kept)
    assert size < 2000
    np.testing.assert_array_equal(got.take(rows), kept.take(rows))
    np.testing.assert_array_equal(sent(kept.between(400, 600))[0].matrix(), kept.between(400, 600).matrix())
    np.testing.assert_array_equal(
        sent(kept.cut(4, normalize=True))[0].take(rows), kept.cut(4, normalize=True).take(rows)
    )
