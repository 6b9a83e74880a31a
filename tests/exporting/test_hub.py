"""Upload to a hub, against a stub of its client."""

import huggingface_hub
import pytest

from src.errors import InputError
from src.exporting.hub import check_push, push


class Hub:
    def __init__(self, fault=None):
        self.calls, self.fault = [], fault

    def create_repo(self, repo, **how):
        self.calls.append(("create", repo, how))
        return f"https://hub/{repo}"

    def upload_folder(self, **how):
        if self.fault:
            raise self.fault
        self.calls.append(("upload", how))


def test_the_folder_is_uploaded_whole_and_private(tmp_path, monkeypatch):
    hub = Hub()
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: hub)
    assert push(tmp_path, "me/model", private=True) == "https://hub/me/model"
    (_, repo, how), (_, upload) = hub.calls
    assert (repo, how) == ("me/model", {"private": True, "exist_ok": True})
    assert (upload["repo_id"], upload["folder_path"]) == ("me/model", tmp_path)


def test_a_refusal_says_that_the_folder_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: Hub(ConnectionError("no route\nmore")))
    with pytest.raises(InputError, match=r"the folder is whole, but was not uploaded: no route\n") as caught:
        push(tmp_path, "me/model", private=True)
    assert caught.value.fix == f"hf upload me/model {tmp_path}"


def test_no_token_and_no_hub_id_are_told_before_any_work(monkeypatch):
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    with pytest.raises(InputError, match="without a token"):
        check_push("me/model")
    with pytest.raises(InputError, match="not a hub id"):
        check_push("me/my/model")
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: "secret")
    check_push("me/model")
