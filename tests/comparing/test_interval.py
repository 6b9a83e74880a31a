import numpy as np
import pyarrow as pa
import pytest

from src.comparing.interval import Bootstrap
from src.comparing.paired import PerQuery


def results(rows: list[tuple[str, int, str, str, float]]) -> PerQuery:
    setting, concept, query, candidate, values = zip(*rows, strict=True)
    keys = {"setting": setting, "concept": concept, "query_language": query, "candidate_language": candidate}
    return PerQuery(pa.table({name: list(column) for name, column in keys.items()}), {"mAP": np.array(values)})


def test_pairs_of_languages_are_averaged_alike_however_many_queries_they_have():
    rows = [("crosslingual", concept, "en", "de", 0.0) for concept in range(3)]
    rows += [("crosslingual", 0, "en", "fr", 1.0), ("monolingual", 0, "en", "en", 9.0)]
    rows += [("crosslingual", 1, "en", "fr", np.nan)]
    assert Bootstrap(10).estimate(results(rows), "crosslingual", "mAP").estimate == pytest.approx(0.5)


def test_each_stream_draws_on_its_own_and_the_same_again():
    given = results([("monolingual", n, "en", "en", n % 7 / 7) for n in range(30)])
    first, again, other = (Bootstrap(50).drawn(given, "monolingual", "mAP", stream) for stream in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, Bootstrap(50, seed=1).drawn(given, "monolingual", "mAP", 0))
