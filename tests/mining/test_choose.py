import numpy as np

from src.mining.choose import admitted
from src.mining.judge import Sightings
from src.mining.settings import Mining


def test_of_two_queries_that_rank_a_passage_alike_the_one_that_scores_it_higher_is_kept():
    two = Sightings(
        concept=np.zeros(2, np.int64),
        row=np.array([7, 8]),
        identity=np.full(2, 3, np.int32),
        rank=np.ones(2, np.int32),
        score=np.array([0.3, 0.5], np.float32),
        positive=np.full(2, 0.9, np.float32),
        query_language=np.array([0, 1], np.int16),
        over=np.zeros(2, bool),
    )
    kept = admitted(two, Mining(ranks=(1, 2)))
    assert (kept.row.tolist(), kept.query_language.tolist()) == ([8], [1])
