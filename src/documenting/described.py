"""What each option means: its own comment, or what says it elsewhere."""

from __future__ import annotations

from pathlib import Path

from src.documenting.options import ConfigFile, Option, read_file

HANDED_ON = {  # groups whose options without a comment go on to a library under the same name
    "trainer": "as [Lightning's Trainer](https://lightning.ai/docs/pytorch/stable/common/trainer.html) has it",
    "optimizer": "as [AdamW](https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html) has it",
    "logger": "as [wandb.init](https://docs.wandb.ai/ref/python/init) has it",
}
EVERYWHERE = {  # options that mean the same wherever they stand
    "name": "in results, records and tables",
    "query_prompt": "before every query",
    "passage_prompt": "before every passage",
    "max_passage_length": "tokens, prompt included",
    "resamples": "of the bootstrap",
    "confidence": "of the intervals",
    "lr": "learning rate",
    "temperature": "of the objective",
    "hidden_size": "BERT's hidden size: the dimension of the embeddings",
    "layers": "of BERT",
    "heads": "of attention in each layer",
    "intermediate_size": "of BERT's feed-forward blocks",
    "positions": "tokens of the longest text that fits",
}


def described(option: Option, file: ConfigFile) -> str:
    """What says what it is; "" if nothing does. Inside a block, the block's comment is for all that it holds."""
    return said(option, file) or above(option, file) or elsewhere(option, file)


def shown(option: Option, file: ConfigFile) -> str:
    """The same, but for what a table says already in the block's own row."""
    return said(option, file) or ("" if above(option, file) else elsewhere(option, file))


def said(option: Option, file: ConfigFile) -> str:
    """Its own comment, or that of the file which it comes from: another choice of its group, or one put into a part."""
    if option.comment:
        return option.comment
    for default in file.defaults:
        group, _, package = (default.group or file.path.parent.name).partition("@")
        part = f"{package or group}." if default.group else ""
        source = _source(file.path.parent, group, default.choice)
        if source is None or not option.key.startswith(part):
            continue
        inner, key = read_file(source), option.key.removeprefix(part)
        same = next((each for each in inner.options if each.key == key), Option(key, option.value, ""))
        if words := said(same, inner) or above(same, inner):
            return words
    return ""


def above(option: Option, file: ConfigFile) -> str:
    """What is said of the block that holds it."""
    held = [each for each in file.options if each.value is None and option.key.startswith(f"{each.key}.")]
    return next((each.comment for each in reversed(held) if each.comment), "")


def elsewhere(option: Option, file: ConfigFile) -> str:
    """What is said once of all options of its name, or by the library that takes it."""
    return EVERYWHERE.get(option.key.split(".")[-1], "") or HANDED_ON.get(file.path.parent.name, "")


def _source(folder: Path, group: str, choice: str) -> Path | None:
    """A file of the own group, or of another one."""
    found = (folder / f"{choice}.yaml", folder.parent / group / f"{choice}.yaml")
    return next((path for path in found if path.is_file()), None)
