import inspect
import json
import os
import shutil
import subprocess
import sys

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import get_method
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer, PretrainedConfig

from src.encoder.declared import DEFAULTS
from src.encoder.encode import encode
from src.encoder.pretrained import set_dropout
from src.encoder.settings import EncoderSettings
from src.errors import InputError
from tests.encoder.checkpoints import CONF, TEXTS, build, write_bert

SHORT = ["model.max_query_length=64", "model.max_passage_length=64"]  # the checkpoint of BERT has 64 positions


def reference(folder, pool):
    """Unit embeddings made with transformers alone, one text at a time."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    with torch.no_grad():
        vectors = [
            pool(model, model(**tokenizer(text, truncation=True, max_length=64, return_tensors="pt"))) for text in TEXTS
        ]
    return torch.nn.functional.normalize(torch.cat(vectors), dim=1).numpy()


def assert_same(ours, theirs):
    torch.testing.assert_close(torch.from_numpy(ours), torch.from_numpy(theirs), rtol=0, atol=1e-5)


@pytest.mark.parametrize("checkpoint", ["bert", "xlmr"])
def test_any_folder_loads_as_typed(request, checkpoint):
    folder = request.getfixturevalue(checkpoint)
    encoder = build("model=hf", f"model.name_or_path={folder}", *SHORT)
    expected = reference(folder, lambda _, output: output.last_hidden_state.mean(1))
    assert_same(encode(encoder, TEXTS, "query"), expected)


def test_labse_uses_its_own_head(bert):
    encoder = build("model=labse", f"model.name_or_path={bert}", *SHORT)
    head = "pooler.dense"
    weights = load_file(bert / "model.safetensors")

    def pool(_, output):
        return torch.tanh(output.last_hidden_state[:, 0] @ weights[f"{head}.weight"].T + weights[f"{head}.bias"])

    assert_same(encode(encoder, TEXTS, "passage"), reference(bert, pool))


def test_presets_name_existing_settings():
    names = sorted(path.stem for path in (CONF / "model").glob("*.yaml"))
    assert names == ["hf", "labse", "mbert", "multilingual_e5_base", "tiny", "xlmr", "xlmr_large"]
    for name in names:
        with initialize_config_dir(str(CONF), version_base=None):
            config = dict(compose(overrides=[f"+model={name}"]).model)
        assert config.pop("training").keys() == {"lr", "temperature", "threads"}
        build_it, _ = get_method(config.pop("_target_")), config.pop("_partial_")
        bound = inspect.signature(build_it).bind(texts=iter, **config)
        settings = bound.arguments["settings"]
        left = {key for key, value in settings.items() if value is None}
        assert left == (set(DEFAULTS) if name == "hf" else set())  # a named model does not depend on its folder's files
        assert EncoderSettings(**settings | {key: DEFAULTS[key] for key in left}).name == name


def test_e5_has_its_prompts(xlmr):
    encoder = build("model=multilingual_e5_base", f"model.name_or_path={xlmr}")
    assert (encoder.query_prompt, encoder.passage_prompt) == ("query: ", "passage: ")


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_attention_implementations_agree(bert, attention):
    encoder = build("model=hf", f"model.name_or_path={bert}", f"model.attention={attention}", *SHORT)
    assert encoder.backbones["shared"].config._attn_implementation == attention
    assert_same(encode(encoder, TEXTS, "query"), reference(bert, lambda _, output: output.last_hidden_state.mean(1)))


@pytest.mark.parametrize("shared", [True, False])
def test_gradient_checkpointing_gives_the_same_gradient(bert, shared):
    gradients = []
    for checkpointing in ("false", "true"):
        overrides = [
            f"model.gradient_checkpointing={checkpointing}",
            "model.dropout=0",
            f"model.shared={shared}",
            *SHORT,
        ]
        encoder = build("model=hf", f"model.name_or_path={bert}", *overrides)
        active = {getattr(module, "gradient_checkpointing", False) for module in encoder.modules()}
        assert (True in active) == (checkpointing == "true")
        batch = encoder.tokenizer(TEXTS, padding=True, truncation=True, max_length=64, return_tensors="pt")
        for side, column in (("query", 0), ("passage", 1)):
            encoder(batch["input_ids"], batch["attention_mask"], side)[:, column].sum().backward()
        gradients.append([parameter.grad for parameter in encoder.parameters()])
    torch.testing.assert_close(*gradients, rtol=0, atol=1e-6)


def test_dropout_replaces_every_one_of_the_checkpoint(bert):
    config = build("model=hf", f"model.name_or_path={bert}", *SHORT).backbones["shared"].config
    assert (config.hidden_dropout_prob, config.attention_probs_dropout_prob) == (0.1, 0.1)
    encoder = build("model=hf", f"model.name_or_path={bert}", "model.dropout=0.4", *SHORT)
    assert {module.p for module in encoder.modules() if isinstance(module, torch.nn.Dropout)} == {0.4}


@pytest.mark.parametrize("dropout", [-0.1, 1.0])
def test_a_dropout_out_of_range_is_refused(bert, dropout):
    with pytest.raises(InputError, match=r"model\.dropout"):
        build("model=hf", f"model.name_or_path={bert}", f"model.dropout={dropout}", *SHORT)


def test_an_architecture_without_dropout_says_so():
    with pytest.raises(InputError, match="has no dropout to set"):
        set_dropout(PretrainedConfig(), 0.1)


def test_half_precision_checkpoints_become_float32(tmp_path):
    encoder = build("model=hf", f"model.name_or_path={write_bert(tmp_path, dtype=torch.float16)}", *SHORT)
    assert {parameter.dtype for parameter in encoder.parameters()} == {torch.float32}


def test_a_masked_language_model_has_no_trained_head(tmp_path, xlmr):
    folder = write_bert(tmp_path, model_class="BertForMaskedLM")
    for source in (folder, xlmr):
        build("model=hf", f"model.name_or_path={source}", *SHORT)
        with pytest.raises(InputError, match="no trained pooler"):
            build("model=hf", f"model.name_or_path={source}", "model.pooling=pooler", *SHORT)


# what cannot be loaded


def copy_of(folder, target, without=()):
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns(*without))
    return target


def test_a_folder_without_config(bert, tmp_path):
    folder = copy_of(bert, tmp_path / "model", without=["config.json"])
    with pytest.raises(InputError, match=r"no config.json, but model.safetensors"):
        build("model=hf", f"model.name_or_path={folder}")


@pytest.mark.parametrize("checkpoint", ["bert", "xlmr"])
def test_a_folder_without_a_tokenizer(request, tmp_path, checkpoint):
    folder = copy_of(request.getfixturevalue(checkpoint), tmp_path / "model", without=["token*"])
    with pytest.raises(InputError, match="no tokenizer"):
        build("model=hf", f"model.name_or_path={folder}", *SHORT)


def test_a_slow_tokenizer(bert, tmp_path):
    folder = copy_of(bert, tmp_path / "model", without=["token*"])
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "CanineTokenizer"}))
    with pytest.raises(InputError, match="not a fast tokenizer"):
        build("model=hf", f"model.name_or_path={folder}", *SHORT)


def test_a_tokenizer_of_a_larger_model(bert, tmp_path):
    folder = copy_of(bert, tmp_path / "model")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens(["museumshafen"])
    tokenizer.save_pretrained(folder)
    with pytest.raises(InputError, match=r"the tokenizer has .* tokens, the model"):
        build("model=hf", f"model.name_or_path={folder}", *SHORT)


def test_weights_of_another_model(bert, xlmr, tmp_path):
    folder = copy_of(bert, tmp_path / "model", without=["model.safetensors"])
    with pytest.raises(InputError, match="cannot load the model's weights"):
        build("model=hf", f"model.name_or_path={folder}", *SHORT)
    config = json.loads((bert / "config.json").read_text())
    shutil.copy(bert / "model.safetensors", folder)
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    with pytest.raises(InputError, match=r"weights are missing: encoder\.layer\.2"):
        build("model=hf", f"model.name_or_path={folder}", *SHORT)
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 50}))
    with pytest.raises(InputError, match=r"another shape: .*\(48, 32\) for \(50, 32\)"):
        build("model=hf", f"model.name_or_path={folder}", *SHORT)


class Evil:
    def __reduce__(self):
        return os.system, ("touch ran",)


def test_pickled_weights_load_tensors_and_run_nothing(bert, tmp_path, monkeypatch):
    folder = copy_of(bert, tmp_path / "model", without=["model.safetensors"])
    weights = load_file(bert / "model.safetensors")
    torch.save(weights, folder / "pytorch_model.bin")
    build("model=hf", f"model.name_or_path={folder}", *SHORT)
    monkeypatch.chdir(tmp_path)
    torch.save(weights | {"evil": Evil()}, folder / "pytorch_model.bin")
    with pytest.raises(InputError, match="cannot load the model's weights"):
        build("model=hf", f"model.name_or_path={folder}", *SHORT)
    assert not (tmp_path / "ran").exists()


def test_code_that_comes_with_a_checkpoint_needs_trust(bert, tmp_path):
    folder = copy_of(bert, tmp_path / "model")
    config = json.loads((bert / "config.json").read_text())
    config |= {"model_type": "custom", "auto_map": {"AutoConfig": "custom.Config", "AutoModel": "custom.Model"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "custom.py").write_text("raise SystemExit('ran')")
    with pytest.raises(InputError, match="trust_remote_code"):
        build("model=hf", f"model.name_or_path={folder}", *SHORT)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.name_or_path=null", r"model\.name_or_path"),
        ("model.name_or_path=./no/such/folder", "no such folder"),
        ("model.attention=flash", "one of sdpa, eager, flash_attention_2"),
        ("model.pooling=max", "one of cls, mean, pooler"),
    ],
)
def test_settings_that_cannot_be(bert, override, message):
    with pytest.raises(InputError, match=message):
        build("model=hf", f"model.name_or_path={bert}", override)


def test_flash_attention_without_its_package(bert):
    from transformers.utils import is_flash_attn_2_available

    if is_flash_attn_2_available():
        pytest.skip("flash-attn is installed")
    with pytest.raises(InputError, match="FlashAttention2"):
        build("model=hf", f"model.name_or_path={bert}", "model.attention=flash_attention_2", *SHORT)


def test_offline_mode_says_what_was_looked_for(monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match=r"'team/absent' is neither .*, and HF_HUB_OFFLINE is set"):
        build("model=hf", "model.name_or_path=team/absent")


@pytest.mark.slow
def test_a_hub_id_comes_from_the_cache_or_is_refused_in_seconds(bert, tmp_path):
    repository = tmp_path / "hub" / "models--team--cached"
    copy_of(bert, repository / "snapshots" / "c0ffee")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("c0ffee")
    code = (
        "import time\n"
        "from tests.encoder.checkpoints import build\n"
        f"build('model=hf', 'model.name_or_path=team/cached', *{SHORT})\n"
        "start = time.monotonic()\n"
        "try: build('model=labse')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
        "assert time.monotonic() - start < 10"
    )
    # nothing listens on port 9
    place = {"HF_HOME": str(tmp_path), "HF_ENDPOINT": "http://127.0.0.1:9"}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")} | place
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=CONF.parent, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("InputError the model 'sentence-transformers/LaBSE' is neither a folder nor in the")
    assert all(part in run.stdout for part in (str(tmp_path / "hub"), "cannot be reached", "hf download", "HF_HOME"))
