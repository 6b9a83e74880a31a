"""Two runs' folders whose every score is chosen: on the embedded facts in German and English."""

from pathlib import Path

import numpy as np

from src.evaluation.benchmark import Benchmark
from src.evaluation.benchmarks.cldr_facts import load
from src.evaluation.evaluate import score
from src.reporting.folder import write_config, write_json
from src.reporting.results import save_results
from src.retrieval.pool import Pool
from src.retrieval.top_k import top_k

LANGUAGES = ["de", "en"]
DEPTH = 20  # lines of a query in the run files


def benchmark() -> Benchmark:
    return load(languages=LANGUAGES)


def answers(loaded: Benchmark, query: int) -> dict[str, int]:
    """Language -> the right candidate."""
    judged = loaded.judgements
    rows = judged.candidate[judged.query == query]
    return {loaded.languages[loaded.candidates.language[row]]: int(row) for row in rows}


def wrong(loaded: Benchmark, language: str, place: int) -> int:
    """Some candidates of a language that answer none of the first questions."""
    return int(np.flatnonzero(loaded.candidates.language == LANGUAGES.index(language))[place])


def perfect(loaded: Benchmark) -> np.ndarray:
    """Scores with which each question finds its answer in its own language first, the other second."""
    scores = np.zeros((len(loaded.queries), len(loaded.candidates)), np.float32)
    for query, language in enumerate(loaded.queries.language.tolist()):
        for code, row in answers(loaded, query).items():
            scores[query, row] = 1 if code == LANGUAGES[language] else 0.9
    return scores


def write_run(folder: Path, loaded: Benchmark, scores: np.ndarray, *, seed: int, run_file: bool = True) -> Path:
    """A finished run: its results are those of these scores, and its run file holds the best of each query."""
    folder.mkdir(parents=True)
    evaluation = score(loaded, scores, np.eye(scores.shape[1], dtype=np.float32))
    save_results(folder, [evaluation])
    section = {
        "_target_": "src.evaluation.benchmarks.cldr_facts.load",
        "_partial_": True,
        "split": "test",
        "languages": LANGUAGES,
    }
    write_config(folder, {"benchmark": section, "sampler": {"alpha": seed / 10}, "seed": seed})
    write_json(folder / "record.json", {"status": "finished", "folder": str(folder)})
    if run_file:
        pool = Pool.of(loaded.candidates.ids, loaded.candidates.language, len(LANGUAGES))
        with (folder / "run.trec").open("w") as file:
            for query, rows in enumerate(top_k(scores, pool, DEPTH).tolist()):
                for row in rows:
                    ids = f"{loaded.queries.ids[query]} Q0 {loaded.candidates.ids[row]}"
                    file.write(f"{ids} 0 {scores[query, row]:.9g} x\n")
    return folder
