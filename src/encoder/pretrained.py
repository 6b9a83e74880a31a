"""`model=hf` and its presets: an encoder that starts from a checkpoint, out of a folder, the cache or the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.encoder.backbone import load_backbone, load_config, load_tokenizer
from src.encoder.compiled import compile_backbones
from src.encoder.declared import Declared, Files, declared, filled, settled
from src.encoder.dual_encoder import DualEncoder
from src.encoder.settings import EncoderSettings
from src.errors import InputError

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerFast

ATTENTIONS = ("sdpa", "eager", "flash_attention_2")
PROBE_SECONDS = 10


def build_pretrained(
    *,
    texts: Callable[[], Iterator[str]],
    name_or_path: str | None,
    attention: str,
    gradient_checkpointing: bool,
    trust_remote_code: bool,
    dropout: float | None,
    compile: bool,
    **settings: Any,
) -> DualEncoder:
    """An encoder from a hub id or a folder; `dropout` replaces all of the checkpoint's, `settings` are EncoderSettings.

    A setting of None is as the checkpoint says. `texts` is what every model is offered; this one has its tokenizer
    already.
    """
    EncoderSettings(**filled(settings, {}))  # what is wrong in them is said before anything is loaded
    if not name_or_path:
        raise InputError("which model?", where="model.name_or_path", fix="model.name_or_path=FOLDER or a hub id")
    if attention not in ATTENTIONS:
        raise InputError(
            f"unknown attention {attention!r}", where="model.attention", fix=f"one of {', '.join(ATTENTIONS)}"
        )
    options = {"attention": attention, "dropout": dropout, "trust_remote_code": trust_remote_code}
    backbone, tokenizer, found = _find(name_or_path, options)
    if gradient_checkpointing:
        _checkpoint_gradients(backbone)
    encoder = DualEncoder.start(backbone, tokenizer, EncoderSettings(**settled(settings, found)))
    if compile:
        compile_backbones(encoder)
    return encoder


def set_dropout(config: PretrainedConfig, dropout: float) -> None:
    """Set every dropout that an architecture has, whatever it calls them."""
    if not 0 <= dropout < 1:
        raise InputError(f"dropout must be at least 0 and below 1, got {dropout}", where="model.dropout")
    names = [name for name, value in config.to_dict().items() if "dropout" in name and isinstance(value, (int, float))]
    if not names:
        raise InputError(f"{config.model_type} has no dropout to set", where="model.dropout", fix="model.dropout=null")
    for name in names:
        setattr(config, name, dropout)


Loaded = tuple["PreTrainedModel", "PreTrainedTokenizerFast", Declared | None]


def _find(name_or_path: str, options: dict[str, Any]) -> Loaded:
    """Load from a folder; else from the cache; else from the hub, if it answers."""
    folder = Path(name_or_path).expanduser()
    if folder.is_dir():
        _check_folder(folder)
        return _load(str(folder), local_files_only=True, **options)
    _check_hub_id(name_or_path)
    try:
        return _load(name_or_path, local_files_only=True, **options)
    except InputError as error:
        if not isinstance(error.__cause__, OSError):  # only a missing file may be on the hub
            raise
    _check_hub(name_or_path)
    return _load(name_or_path, local_files_only=False, **options)


def _load(
    source: str, *, attention: str, dropout: float | None, trust_remote_code: bool, local_files_only: bool
) -> Loaded:
    access = {"trust_remote_code": trust_remote_code, "local_files_only": local_files_only}
    config = load_config(source, **access)
    if dropout is not None:
        set_dropout(config, dropout)
    tokenizer = load_tokenizer(source, **access)
    backbone = load_backbone(source, config, attention, **access)
    return backbone, tokenizer, declared(Files(source, local_files_only), backbone)


def _check_folder(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        held = ", ".join(sorted(path.name for path in folder.iterdir())[:5]) or "nothing"
        raise InputError(
            f"the folder holds no config.json, but {held}",
            where=f"model.name_or_path={folder}",
            fix="give the folder that holds config.json, the tokenizer's files and model.safetensors",
        )


def _check_hub_id(name: str) -> None:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise InputError("no such folder, and not a hub id", where=f"model.name_or_path={name}") from error


def _check_hub(name: str) -> None:
    """One short question to the hub: loading itself would try again for half a minute before it gave up."""
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import HfHubHTTPError

    if constants.is_offline_mode():
        raise _not_found(name, "HF_HUB_OFFLINE is set")
    try:
        HfApi().model_info(name, timeout=PROBE_SECONDS)
    except HfHubHTTPError as error:
        raise _not_found(name, f"the hub answers: {str(error).splitlines()[0]}") from error
    except Exception as error:  # the http client's own, which differ from version to version
        raise _not_found(name, "the hub cannot be reached") from error


def _not_found(name: str, reason: str) -> InputError:
    from huggingface_hub import constants

    return InputError(
        f"the model {name!r} is neither a folder nor in the cache {constants.HF_HUB_CACHE}, and {reason}",
        where=f"model.name_or_path={name}",
        fix=f"model.name_or_path=FOLDER with its files; or where there is a network `hf download {name}`, "
        "and point HF_HOME at that cache",
    )


def _checkpoint_gradients(backbone: PreTrainedModel) -> None:
    if not backbone.supports_gradient_checkpointing:
        raise InputError(
            f"{backbone.config.model_type} does not support it",
            where="model.gradient_checkpointing",
            fix="model.gradient_checkpointing=false",
        )
    # transformers 5 renamed it on the way; the reentrant kind breaks under DDP
    enable = getattr(backbone, "activation_checkpointing_enable", None) or backbone.gradient_checkpointing_enable
    enable({"use_reentrant": False})
