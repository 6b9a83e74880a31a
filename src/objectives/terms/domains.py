"""What an adversary must not be able to tell from an embedding: its text's language, or its dataset."""

from __future__ import annotations

import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn import functional

from src.encoder.settings import Side
from src.errors import InputError
from src.objectives.gather import world_size
from src.objectives.step import Step
from src.objectives.term import Setup
from src.objectives.terms.options import check_choice
from src.objectives.terms.sides import own_embeddings, own_languages

DOMAINS = ("language", "dataset")


def domains_of(setup: Setup, domain: str, name: str) -> tuple[str, ...]:
    """The domains that term `name` tells apart; an InputError where the training data has one only."""
    check_choice(domain, DOMAINS, f"terms.{name}.domain")
    found = {"language": setup.languages, "dataset": setup.datasets}
    if len(found[domain]) < 2:
        several = [f"terms.{name}.domain={other}, or " for other in DOMAINS if len(found[other]) > 1]
        raise InputError(
            f"the training data has one {domain}, {found[domain][0]}, so there is nothing to tell apart",
            where=f"terms.{name}.domain={domain}",
            fix=f"{''.join(several)}data with several {domain}s, or no {name} among the terms",
        )
    return found[domain]


def own_domains(step: Step, side: Side, domain: str) -> Tensor:
    """The number of the domain of each of this rank's texts of one side: [b]."""
    return own_languages(step, side) if domain == "language" else step.datasets


def own_texts(step: Step, sides: tuple[Side, ...], domain: str) -> tuple[Tensor, Tensor]:
    """This rank's texts of the given sides and their domains: [n, d] and [n]."""
    embeddings = [own_embeddings(step, side) for side in sides]
    return torch.cat(embeddings), torch.cat([own_domains(step, side, domain) for side in sides])


def recognition(logits: Tensor, domains: Tensor) -> dict[str, Tensor]:
    """Over all ranks' texts: `accuracy` of the likeliest domain, `chance` of always naming the most frequent one."""
    with torch.no_grad():
        correct = (logits.argmax(1) == domains).sum()[None]
        counts = torch.cat([correct, functional.one_hot(domains, logits.shape[1]).sum(0)])
        if world_size() > 1:
            dist.all_reduce(counts)
        share = counts / counts[1:].sum()
        return {"accuracy": share[0], "chance": share[1:].max()}
