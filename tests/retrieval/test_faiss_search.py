import numpy as np
import pytest

from src.errors import InputError
from src.retrieval.embeddings import Embeddings
from src.retrieval.faiss_search import FaissSearch, lists_for
from src.retrieval.search import NONE
from tests.retrieval.brute import coarse, names, sorted_as_trec_eval


def many(count: int = 2000, dimension: int = 16):
    rng = np.random.default_rng(0)
    return rng.standard_normal((count, dimension)).astype(np.float32)


def test_the_flat_index_is_exact():
    queries, candidates, ids = coarse(0, 50)
    top = FaissSearch("Flat").top(queries, Embeddings([candidates[:15], candidates[15:]]), names(ids), 7)
    assert top.row.tolist() == sorted_as_trec_eval(queries, candidates, ids, 7)


def test_fewer_candidates_than_asked_for():
    queries, candidates, ids = coarse(0, 3)
    top = FaissSearch("Flat").top(queries, Embeddings([candidates[:3]]), names(ids), 5)
    assert (top.row[:, 3:] == NONE).all()
    assert (top.score[:, 3:] == -np.inf).all()
    assert (FaissSearch("Flat").top(queries, Embeddings([candidates[:0]]), names(ids), 5).row == NONE).all()


@pytest.mark.parametrize(
    ("factory", "few", "more"), [("IVF{nlist},Flat", "nprobe=1", "nprobe=32"), ("HNSW8", "efSearch=1", "efSearch=500")]
)
def test_parameters_are_what_the_search_uses(factory, few, more):
    corpus = Embeddings([many()])
    queries = many(20)[:, ::-1].copy()
    ids = [str(i) for i in range(2000)]
    exact = sorted_as_trec_eval(queries, corpus.matrix(), ids, 10)
    recall = []
    for parameters in (few, more):
        top = FaissSearch(factory, parameters).top(queries, corpus, names(ids), 10)
        recall.append(np.mean([np.isin(found, best).mean() for found, best in zip(top.row, exact, strict=True)]))
    assert recall[0] < recall[1]
    assert recall[1] > 0.95


def test_an_index_is_kept_beside_the_embeddings_and_used_again(tmp_path, monkeypatch):
    queries, candidates, ids = coarse(0, 50)
    corpus = Embeddings([candidates], tmp_path, "these")
    search = FaissSearch("HNSW8")
    first = search.top(queries, corpus, names(ids), 5)
    assert len(list(tmp_path.glob("index-*.faiss"))) == 1
    monkeypatch.setattr(FaissSearch, "_build", None)  # cannot be called
    again = search.top(queries, corpus, names(ids), 5)
    np.testing.assert_array_equal(first.row, again.row)
    for other in (corpus.between(0, 39), Embeddings([candidates], tmp_path, "those")):  # not that index's
        with pytest.raises(TypeError):
            search.top(queries, other, names(ids), 5)
    for other in (FaissSearch("HNSW9"), FaissSearch("HNSW8", train_rows=40)):
        with pytest.raises(TypeError):
            other.top(queries, corpus, names(ids), 5)


def test_a_folder_that_cannot_be_written(tmp_path):
    queries, candidates, ids = coarse(0, 50)
    corpus = Embeddings([candidates], tmp_path / "gone", "these")
    with pytest.raises(InputError, match=r"cannot keep the index .*could not open") as error:
        FaissSearch("Flat").top(queries, corpus, names(ids), 5)
    assert error.value.where == str(tmp_path / "gone")


def test_a_damaged_index(tmp_path):
    queries, candidates, ids = coarse(0, 50)
    corpus = Embeddings([candidates], tmp_path, "these")
    FaissSearch("Flat").top(queries, corpus, names(ids), 5)
    (kept,) = tmp_path.glob("index-*.faiss")
    kept.write_bytes(kept.read_bytes()[:50])
    with pytest.raises(InputError, match="the index is damaged") as error:
        FaissSearch("Flat").top(queries, corpus, names(ids), 5)
    assert error.value.where == str(kept)


@pytest.mark.parametrize("factory", ["IVF64,Flat", "PQ8"])
def test_a_corpus_too_small_to_learn_from(factory):
    search = FaissSearch(factory)
    search.check(16)  # as far as it can tell without the corpus
    with pytest.raises(InputError, match=f"'{factory}' cannot learn from 50 vectors .*at least as large") as error:
        search.top(many(3), Embeddings([many(50)]), str, 5)
    assert error.value.where == "search.factory"


@pytest.mark.parametrize(
    ("factory", "parameters", "told"),
    [
        ("Tree", None, "FAISS knows no index 'Tree' for 16 dimensions .*could not parse index string"),
        ("PQ5", None, "dimension of the vector"),
        ("Flat", "nprobe=3", "FAISS knows no parameters 'nprobe=3' of 'Flat'"),
        ("IVF8,Flat", "nprobe", "could not interpret"),
    ],
)
def test_what_faiss_does_not_know(factory, parameters, told):
    with pytest.raises(InputError, match=told):
        FaissSearch(factory, parameters).check(16)


def test_a_gpu_that_is_not_there():
    with pytest.raises(InputError, match="sees no GPU"):
        FaissSearch("Flat", gpu=True).check(16)


@pytest.mark.parametrize(("training", "candidates", "lists"), [(10, 10, 1), (1000, 1000, 16), (500_000, 10**6, 2048)])
def test_lists_grow_with_the_corpus_and_can_be_trained(training, candidates, lists):
    assert lists_for(training, candidates) == lists
