"""The part of a model card that shows how to embed texts, each side as the encoder was trained to."""

from __future__ import annotations

from src.encoder.dual_encoder import DualEncoder


def use_section(name: str, encoder: DualEncoder) -> str:
    """Code for sentence-transformers and for this project, and what a caller could get wrong."""
    parts = [
        "## How to use",
        f"```python\n{code(name, encoder)}\n```",
        "\n".join(f"- {note}" for note in notes(encoder)),
    ]
    return "\n\n".join([*parts, f"With evenhand, in its folder:\n\n```bash\n{command(name)}\n```"])


def command(name: str) -> str:
    """The folder is a checkpoint of this project too."""
    return (
        f"python -m src.evaluate checkpoint={name.rpartition('/')[2]} benchmark=xquad_r benchmark.folder=data/xquad_r"
    )


def code(name: str, encoder: DualEncoder) -> str:
    """Embeds a question and a passage, and compares them."""
    question, passage = ('["Wo liegt Wien?"]', '["Vienna lies on the Danube."]')
    lines = ["from sentence_transformers import SentenceTransformer", "", f'model = SentenceTransformer("{name}")']
    settings = encoder.settings
    differ = encoder.shared and settings.max_query_length != settings.max_passage_length
    if encoder.debias is not None:
        first, second = [*encoder.debias.languages, encoder.debias.languages[0]][:2]
        asked = f'model.encode({question}, prompt_name="query", task="{first}")'
        found = f'model.encode({passage}, prompt_name="document", task="{second}")'
    else:
        asked, found = f"model.encode_query({question})", f"model.encode_document({passage})"
    cut = [f"model.max_seq_length = {length}" for length in (settings.max_query_length, settings.max_passage_length)]
    lines += [cut[0], f"queries = {asked}", cut[1]] if differ else [f"queries = {asked}"]
    return "\n".join([*lines, f"passages = {found}", "print(model.similarity(queries, passages))"])


def notes(encoder: DualEncoder) -> list[str]:
    """What decides an embedding beside the text."""
    settings, told = encoder.settings, []
    if settings.query_prompt or settings.passage_prompt:
        told.append(
            f"Queries are preceded by {settings.query_prompt!r}, passages by {settings.passage_prompt!r}; "
            "`encode` without a prompt's name embeds as a passage."
        )
    lengths = f"Queries are cut to {settings.max_query_length} tokens, passages to {settings.max_passage_length}"
    if encoder.shared and settings.max_query_length != settings.max_passage_length:
        lengths += (
            "; sentence-transformers keeps one length, and this folder has the passages': set `max_seq_length` before "
            "queries, as above, or longer ones are embedded otherwise than in training and in the results below"
        )
    told.append(f"{lengths}. Prompt and special tokens count.")
    if not encoder.shared:
        told.append("Queries and passages have an encoder each: `encode` without a `task` is refused.")
    if encoder.debias is not None:
        languages = ", ".join(encoder.debias.languages)
        told.append(
            f"What sets a language apart is removed from its embeddings ({encoder.debias.about.get('method')}): `task` "
            f"is the text's language, one of {languages}, and a call without one is refused."
        )
    if settings.matryoshka_dimensions:
        sizes = ", ".join(map(str, sorted(settings.matryoshka_dimensions, reverse=True)))
        again = ", normalize_embeddings=True" if encoder.normalize else ""
        told.append(f"Trained to be cut to {sizes} numbers: `encode(..., truncate_dim=SIZE{again})`.")
    return told
