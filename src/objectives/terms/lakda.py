"""LaKDA: a question asked in two languages should score all passages alike (arXiv 2509.06195)."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from src.objectives.over_ranks import global_mean
from src.objectives.step import Step
from src.objectives.term import Setup, Term
from src.objectives.terms.cosine import cosines
from src.objectives.terms.options import check_above_zero
from src.objectives.terms.parallel import parallel_cosine, parallel_texts


class LaKDA(Term):
    """Mean over queries that have a version of KL(p_b || p_a) = sum over D of p_b log(p_b / p_a), over all ranks.

    p_x = softmax(cos(q_x, D) / temperature): q_a the row's query, q_b its version in another language, D all of the
    batch's candidates: known answers stay in, since there is nothing to tell apart here, and explicit negatives too.
    The gradient reaches both distributions and D. The source leaves cosines unscaled (temperature 1) and minimises
    (1 - alpha) InfoNCE + alpha KL with alpha 0.5: `objective_weight=0.5 terms.lakda.weight=0.5`.
    """

    translations = frozenset({"query"})

    def __init__(self, setup: Setup, temperature: float = 1.0) -> None:
        super().__init__()
        check_above_zero(temperature, "terms.lakda.temperature")
        self.temperature = temperature

    def forward(self, step: Step) -> dict[str, Tensor]:
        """The loss, 0 where no rank has a version, and the mean cosine of parallel queries."""
        pairs = parallel_texts(step, "query")
        own, other = (self._scores(queries, step) for queries in (pairs.texts, pairs.versions))
        divergence = functional.kl_div(own, other, reduction="none", log_target=True).sum(1)
        return {"loss": global_mean(divergence), "parallel_cosine": parallel_cosine([pairs])}

    def _scores(self, queries: Tensor, step: Step) -> Tensor:
        """Log-probabilities of all candidates, [k, n]."""
        return (cosines(queries, step.contrast.candidates) / self.temperature).log_softmax(1)
