"""`debias=` in a job: texts are read and languages checked at once, and it is fitted when the encoder is done."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from src.encoder.debias import Debias, check_fitted
from src.encoder.debias_fit import Method, Samples, fit
from src.encoder.debias_texts import from_folder, from_training
from src.errors import InputError
from src.evaluation.benchmark import Benchmark
from src.evaluation.encoding import Encoding, embed_texts
from src.evaluation.suite import Suite, benchmarks_of

if TYPE_CHECKING:
    from src.data.training_data import TrainingData
    from src.encoder.dual_encoder import DualEncoder

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Debiasing:
    """A method and the texts that it will be fitted to."""

    method: Method
    samples: Samples
    source: str

    def fit(self, encoder: DualEncoder, encoding: Encoding) -> Debias:
        """Fit to an encoder, which has it from then on.

        The processes of a distributed run share the work, and all fit to the same embeddings.
        """
        from src.encoder.identity import weights_identity

        if encoder.debias is not None:
            log.info("the debiasing that was saved with the encoder is replaced")
        encoder.debias = fit(
            self.method,
            self.samples,
            lambda texts, side: embed_texts(encoder, texts, side, encoding),
            normalize=encoder.normalize,
            weights=weights_identity(encoder),
            source=self.source,
        )
        return encoder.debias


def prepare(method: Method, scored: Benchmark | Suite, training: TrainingData | None = None) -> Debiasing:
    """Read the texts of `debias.texts`, or of the training; InputError where the benchmark has other languages."""
    if method.texts is not None:
        debiasing = Debiasing(method, from_folder(Path(method.texts), method), str(method.texts))
    elif training is not None:
        debiasing = Debiasing(method, from_training(training, method), f"training texts of {training.name}")
    else:
        fix = "debias.texts=FOLDER with a file LANGUAGE.txt for each language, one text a line"
        raise InputError("which texts is it fitted to?", where="debias.texts", fix=fix)
    _check(debiasing.samples, scored)
    return debiasing


def check_debias(encoder: DualEncoder, scored: Benchmark | Suite) -> None:
    """InputError where a benchmark has languages that the encoder's debiasing was not fitted for."""
    if encoder.debias is not None:
        _check(encoder.debias.languages, scored)


def debias_section(debias: Debias) -> dict[str, Any]:
    """What was removed, and what it was fitted to."""
    return {**debias.about, "fingerprint": debias.fingerprint}


def _check(fitted: Iterable[str], scored: Benchmark | Suite) -> None:
    for benchmark in benchmarks_of(scored):
        there = np.union1d(benchmark.queries.language, benchmark.candidates.language)
        check_fitted(fitted, [benchmark.languages[number] for number in there], where=f"debias, {benchmark.name}")
