"""What a checkpoint says of itself beside its weights, in this project's file or in sentence-transformers'."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from src.encoder.debias import ABOUT
from src.encoder.settings import FILE, EncoderSettings
from src.errors import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

log = logging.getLogger(__name__)

DEFAULTS = {"pooling": "mean", "normalize": True, "query_prompt": "", "passage_prompt": ""}
LENGTHS = ("max_query_length", "max_passage_length")
MODES = {"cls": "pooling_mode_cls_token", "mean": "pooling_mode_mean_tokens"}  # ours, and as it was called before 6.0
OTHER_MODES = ("max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")
DOCUMENT = ("document", "passage", "corpus")  # names of a passage's prompt, in sentence-transformers' order


@dataclass(frozen=True)
class Declared:
    """How a checkpoint's embeddings are made, as far as it says so."""

    file: str  # where it says so
    values: Mapping[str, Any]  # of EncoderSettings' fields, without those that it is silent about
    beyond: tuple[str, ...] = ()  # what they are made by that an encoder here does not have


@dataclass(frozen=True)
class Files:
    """The files beside a checkpoint's weights, in a folder, the cache or the hub."""

    source: str
    local_files_only: bool

    def path(self, name: str) -> Path | None:
        """Where a file lies; None if there is none."""
        from transformers.utils import cached_file

        quietly = {"_raise_exceptions_for_missing_entries": False, "_raise_exceptions_for_connection_errors": False}
        found = cached_file(self.source, name, local_files_only=self.local_files_only, **quietly)
        return None if found is None else Path(found)

    def json(self, name: str) -> Any:
        """What a JSON file holds; an empty mapping if there is none."""
        path = self.path(name)
        try:
            return {} if path is None else json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"malformed JSON: {error}", where=str(path)) from error


def declared(files: Files, backbone: PreTrainedModel) -> Declared | None:
    """What the checkpoint says, None where it says nothing; this project's own file counts first."""
    if (own := files.path(FILE)) is not None:
        settings = EncoderSettings.read(own.parent)
        values = {name: getattr(settings, name) for name in (*DEFAULTS, *LENGTHS)}
        return Declared(FILE, values, () if files.path(ABOUT) is None else ("debiasing",))
    if not (modules := files.json("modules.json")):
        return None
    try:
        return _of_modules(files, modules, backbone)
    except (LookupError, TypeError, AttributeError) as error:
        what = f"not sentence-transformers' files ({type(error).__name__}: {error})"
        raise InputError(what, where=f"{files.source}: modules.json") from error


def filled(settings: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with each null as it is said, else as usual."""
    return {**settings, **{name: said.get(name, usual) for name, usual in DEFAULTS.items() if settings[name] is None}}


def settled(settings: Mapping[str, Any], found: Declared | None) -> dict[str, Any]:
    """The settings with each null as the checkpoint says, else as usual; a choice that contradicts it is told."""
    found = found or Declared("", {})
    left = [name for name in DEFAULTS if settings[name] is None]
    if found.beyond:
        _lacking(found, left)
    full = filled(settings, found.values)
    if left:
        told = ", ".join(
            f"{name}={full[name]!r}{'' if name in found.values else ' (it does not say)'}" for name in left
        )
        log.info("as the checkpoint's %s: %s", found.file or "files", told)
    for name, said in found.values.items():
        if full[name] > said if name in LENGTHS else full[name] != said:
            log.warning("model.%s=%r, and the checkpoint's %s says %r", name, full[name], found.file, said)
    return full


def _lacking(found: Declared, left: list[str]) -> None:
    what = f"the checkpoint's {found.file} makes embeddings by {', '.join(found.beyond)}, which is not had here"
    if "pooling" not in left:
        log.warning("%s: the rest of it is used", what)
        return
    raise InputError(
        what, where="model.name_or_path", fix="model.pooling=mean or model.pooling=cls uses the rest of it"
    )


def _of_modules(files: Files, modules: list[dict[str, str]], backbone: PreTrainedModel) -> Declared:
    """From modules.json, the configuration of each module, and the prompts."""
    values: dict[str, Any] = {}
    beyond = []
    for module in modules:
        kind, path = module["type"].rpartition(".")[2], module["path"]
        if kind == "Pooling":
            pooling, others = _pooling(files.json(f"{path}/config.json"))
            values |= {"pooling": pooling} if pooling else {}
            beyond += others
        elif kind == "Dense" and values.get("pooling") == "cls" and _is_head(files, path, backbone):
            values["pooling"] = "pooler"
        elif kind not in ("Transformer", "Normalize"):
            beyond.append(kind)
    settings = files.json("config_sentence_transformers.json")
    normalized = any(module["type"].endswith(".Normalize") for module in modules)
    values["normalize"] = normalized or settings.get("similarity_fn_name") != "dot"  # unstated, it is the cosine
    transformer = files.json("sentence_bert_config.json")
    if transformer.get("do_lower_case"):
        beyond.append("lower-casing")
    if length := transformer.get("max_seq_length"):
        values |= dict.fromkeys(LENGTHS, length)
    return Declared("modules.json", values | _prompts(settings.get("prompts") or {}), tuple(beyond))


def _pooling(config: Mapping[str, Any]) -> tuple[str | None, list[str]]:
    """Pooling as it is called here, and what of it there is not."""
    modes = config.get("pooling_mode")
    if modes is None:
        legacy = {**MODES, **{name: f"pooling_mode_{name}" for name in OTHER_MODES}}
        modes = [name for name, key in legacy.items() if config.get(key)] or ["mean"]
    listed = [modes] if isinstance(modes, str) else list(modes)
    others = [] if config.get("include_prompt", True) else ["pooling without the prompt"]
    if len(listed) == 1 and listed[0] in MODES:
        return listed[0], others
    return None, [*others, f"pooling {' and '.join(listed)}"]


def _prompts(prompts: Mapping[str, str]) -> dict[str, str]:
    """Those of queries and passages, where there is more than nothing."""
    named = {"query_prompt": ("query",), "passage_prompt": DOCUMENT}
    found = {side: next((prompts[name] for name in names if prompts.get(name)), "") for side, names in named.items()}
    return {side: prompt for side, prompt in found.items() if prompt}


def _is_head(files: Files, path: str, backbone: PreTrainedModel) -> bool:
    """Whether a Dense module is the backbone's own head, as in LaBSE's folder."""
    from safetensors.torch import load_file

    head: Any = getattr(getattr(backbone, "pooler", None), "dense", None)
    tanh = files.json(f"{path}/config.json").get("activation_function", "").endswith(".Tanh")
    if head is None or not tanh:
        return False
    held: Mapping[str, torch.Tensor] = {}
    if (safe := files.path(f"{path}/model.safetensors")) is not None:
        held = load_file(safe)
    elif (pickled := files.path(f"{path}/pytorch_model.bin")) is not None:
        held = torch.load(pickled, map_location="cpu", weights_only=True)
    return all(torch.equal(held[f"linear.{name}"].float(), getattr(head, name).detach()) for name in ("weight", "bias"))
