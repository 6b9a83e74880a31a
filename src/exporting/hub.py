"""Upload of an exported folder to a model hub, on request."""

from __future__ import annotations

from pathlib import Path

from src.errors import InputError


def check_push(push_to: str) -> None:
    """InputError for what is no hub id, and where no token is set."""
    from huggingface_hub import get_token
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(push_to)
    except HFValidationError as error:
        raise InputError(f"not a hub id: {error}", where=f"push_to={push_to}", fix="push_to=NAME/MODEL") from error
    if get_token() is None:
        raise InputError(
            "the hub takes nothing without a token that may write",
            where=f"push_to={push_to}",
            fix="`hf auth login`, or set HF_TOKEN; or leave push_to out and upload the folder later",
        )


def push(folder: Path, push_to: str, *, private: bool) -> str:
    """Create the repository if it is not there, upload everything in the folder, and return its address."""
    from huggingface_hub import HfApi

    api = HfApi()
    try:
        address = api.create_repo(push_to, private=private, exist_ok=True)
        api.upload_folder(repo_id=push_to, folder_path=folder, commit_message="Export from evenhand")
    except Exception as error:  # the http client's own too, which differ from version to version
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"the folder is whole, but was not uploaded: {reason}",
            where=f"push_to={push_to}",
            fix=f"hf upload {push_to} {folder}",
        ) from error
    return str(address)
