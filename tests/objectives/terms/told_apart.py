"""A toy encoder whose texts carry their language, and how well a term's classifier tells it while both train."""

import torch
from torch.nn import functional

from src.objectives.term import Setup
from tests.objectives.terms.made_step import made_step

SETUP = Setup(dimension=8, languages=("de", "en", "fr"), datasets=("toy",), pairs=100, max_steps=400, seed=5)


def accuracies(term, steps, *, lr, reaches_encoder=True):
    """The classifier's accuracy in each step; the encoder also keeps what the texts say."""
    generator = torch.Generator().manual_seed(0)
    encoder = torch.nn.Linear(8, 8, bias=False)
    with torch.no_grad():
        encoder.weight.copy_(torch.eye(8))
    optimizer = torch.optim.Adam(
        [{"params": encoder.parameters(), "lr": lr}, {"params": term.parameters(), "lr": term.lr}]
    )
    found = []
    for number in range(steps):
        languages = torch.randint(3, (48,), generator=generator)
        meaning = torch.randn(48, 5, generator=generator)
        texts = torch.cat([meaning, 2 * functional.one_hot(languages, 3)], 1)  # the language is plain to see
        embeddings = functional.normalize(encoder(texts), dim=1)
        seen = embeddings if reaches_encoder else embeddings.detach()
        figures = term(made_step(seen, seen, languages.tolist(), languages.tolist(), progress=number / SETUP.max_steps))
        kept = (embeddings[:, :5] - functional.normalize(meaning, dim=1)).square().sum(1).mean()
        optimizer.zero_grad()
        (figures["loss"] + kept * reaches_encoder).backward()
        optimizer.step()
        found.append(figures["accuracy"].item())
    return found
