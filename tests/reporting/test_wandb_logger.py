import json
import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import wandb
from omegaconf import OmegaConf

from src.errors import InputError
from src.reporting.folder import resolved, write_json
from src.reporting.heatmap import save_heatmap
from src.reporting.loggers import LoggedRun, RunLogger, build_loggers, close, log_results
from src.reporting.wandb_session import choose_mode, start_run
from tests.reporting.wandb_file import read_wandb

CONF = Path(__file__).resolve().parents[2] / "conf" / "logger"
KEY = "0" * 40
CONFIG = resolved(
    OmegaConf.create({"seed": 3, "batch_size": 8, "sampler": {"alpha": 0.5, "seed": "${seed}"}, "text": "x" * 40_000})
)


@pytest.fixture(autouse=True)
def nobody_logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("WANDB_MODE", "WANDB_API_KEY", "WANDB_IDENTITY_TOKEN_FILE", "WANDB_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    yield
    wandb.teardown()  # it remembers servers and logins for as long as a process lives


RECORD = {
    "data": {"languages": ["ar", "de"]},
    "training": {"steps": 20, "real_tokens": 900, "realised_language_pairs": {"ar-de": 3, "de-de": 5}},
}


def start(folder: Path, **changes: object) -> list[RunLogger]:
    folder.mkdir()
    write_json(folder / "record.json", RECORD)
    config = OmegaConf.merge(OmegaConf.load(CONF / "wandb.yaml"), changes)
    choices = {"sampler": "hybrid", "hydra/launcher": "basic"}
    return build_loggers(config, folder, CONFIG, "sweep_a", "hybrid_seed3", choices=choices)


def finish(loggers: list[RunLogger], evaluations: list, exit_code: int, heatmaps: dict[str, Path] | None = None):
    log_results(loggers, evaluations, heatmaps or {}, {})
    close(loggers, exit_code)


def test_an_offline_run_holds_all_that_was_logged(tmp_path: Path, evaluation, capfd):
    run = tmp_path / "run"
    loggers = start(run, tags=["first"])
    for step in (10, 20):
        for logger in loggers:
            logger.log_metrics({"train/loss": 1 / step}, step)
    result = evaluation(lambda setting, *_: 0.25 if setting == "multilingual" else 0.75)
    heatmap = save_heatmap(run / "heatmap.png", result.matrices, result.benchmark.languages, "toy")
    finish(loggers, [result], 0, {"toy": heatmap})

    recorded = read_wandb(run / "wandb")
    assert recorded.config.items() >= CONFIG.items()
    assert "${" not in str(recorded.config)
    assert (recorded.run.run_group, recorded.run.job_type, recorded.run.display_name) == (
        "sweep_a",
        "train",
        "hybrid_seed3",
    )
    assert (recorded.run.project, list(recorded.run.tags)) == ("evenhand", ["first"])
    assert [(row["step"], row["train/loss"]) for row in recorded.history if "train/loss" in row] == [
        (10, 0.1),
        (20, 0.05),
    ]
    assert recorded.summary["test/toy/multilingual/mAP"] == pytest.approx(0.25)
    assert recorded.summary["test/toy/bias/rank_distance"] == pytest.approx(75)
    assert recorded.config["choices"] == {"sampler": "hybrid"}
    assert (recorded.summary["training/steps"], recorded.summary["training/real_tokens"]) == (20, 900)
    assert recorded.history[-1]["training/language_pairs"]["nrows"] == 2
    media = recorded.history[-2]
    table = media["test/toy/language_pairs"]
    assert (table["_type"], table["ncols"], table["nrows"]) == ("table-file", 6, 9)
    image = media["test/toy/heatmap"]
    assert image["_type"] == "image-file"
    (files,) = (run / "wandb").glob("offline-run-*/files")
    assert (files / image["path"]).read_bytes() == heatmap.read_bytes()
    rows = json.loads((files / table["path"]).read_text())
    assert rows["columns"] == ["query_language", "candidate_language", "mAP", "R@1", "R@10", "queries"]
    assert rows["data"][1] == ["ar", "de", pytest.approx(0.75), pytest.approx(0.375), pytest.approx(0.825), 6]
    assert list((run / "wandb" / "artifacts" / "staging").iterdir())  # not in the user's home
    assert recorded.exit_code == 0
    assert capfd.readouterr() == ("", "")


def test_a_run_that_failed_is_recorded_as_failed(tmp_path: Path):
    loggers = start(tmp_path / "run")
    finish(loggers, [], 1)
    assert read_wandb(tmp_path / "run").exit_code == 1


def test_nothing_of_the_machine_or_the_code_is_collected(tmp_path: Path):
    finish(start(tmp_path / "run"), [], 0)
    recorded = read_wandb(tmp_path / "run")
    assert recorded.kinds.isdisjoint({"stats", "environment", "output", "output_raw"})
    assert recorded.run.host == ""
    (files,) = (tmp_path / "run" / "wandb").glob("offline-run-*/files")
    assert [path.name for path in files.iterdir()] == ["media"]  # the table of language pairs


def test_what_wandb_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It has no terminal to ask, looks at nothing of the machine, and what it would print stays where it was."""
    asked: dict[str, dict] = {}
    monkeypatch.setattr(wandb, "login", lambda **options: asked.update(login=options) or True)
    monkeypatch.setattr(wandb, "init", lambda **options: asked.update(init=options))
    assert choose_mode("auto") == "online"
    start_run(LoggedRun(tmp_path, {}, None, "alone", "train"), "offline", {"init_timeout": 7})
    assert asked["login"] == {"prompt": False, "verify": False}
    settings = asked["init"]["settings"]
    assert (settings.silent, settings.console, settings.host, settings.init_timeout) == (True, "off", "", 7)
    assert (settings.x_disable_meta, settings.x_disable_machine_info, settings.x_disable_stats) == (True, True, True)
    assert (settings.save_code, settings.disable_code, settings.disable_git) == (False, True, True)
    assert (settings.x_save_requirements, settings.symlink) == (False, False)


def test_what_fails_offline_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog):
    tried = []

    def fails(mode: str, **_: object):
        tried.append(mode)
        raise wandb.Error("no space")

    monkeypatch.setattr(wandb, "init", fails)
    with pytest.raises(wandb.Error, match="no space"):
        start_run(LoggedRun(tmp_path, {}, None, "alone", "train"), "offline", {})
    assert tried == ["offline"]
    assert "wandb sync" not in caplog.text


def test_two_runs_of_one_process_are_two_runs(tmp_path: Path):
    for number in (1, 2):
        loggers = start(tmp_path / str(number))
        loggers[-1].log_metrics({"train/loss": float(number)}, 1)
        finish(loggers, [], 0)
    assert [read_wandb(tmp_path / n).history[0]["train/loss"] for n in ("1", "2")] == [1.0, 2.0]


def test_a_server_that_does_not_answer_is_said_and_the_run_goes_on_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    with caplog.at_level(logging.WARNING):
        loggers = start(tmp_path / "run", init_timeout=1)
    assert "W&B is offline for this run" in caplog.text
    assert "wandb sync" in caplog.text
    loggers[-1].log_metrics({"train/loss": 0.5}, 1)
    finish(loggers, [], 0)
    (offline,) = (tmp_path / "run" / "wandb").glob("offline-run-*")
    assert read_wandb(offline).history[0]["train/loss"] == 0.5


def test_disabled_leaves_only_the_csv(tmp_path: Path):
    loggers = start(tmp_path / "run", mode="disabled")
    for logger in loggers:
        logger.log_metrics({"train/loss": 0.5}, 1)
    finish(loggers, [SimpleNamespace(benchmark=SimpleNamespace(name="toy"), summary={"name": "toy"})], 0)
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["csv", "record.json"]


@pytest.mark.parametrize(
    ("requested", "variable", "key", "expected"),
    [
        ("auto", None, None, "offline"),
        ("auto", None, KEY, "online"),
        ("auto", "offline", KEY, "offline"),
        ("auto", "disabled", KEY, "disabled"),
        ("auto", "online", None, "offline"),
        ("auto", "", None, "offline"),
        ("offline", "online", KEY, "offline"),
        ("online", "offline", KEY, "online"),
    ],
)
def test_mode(monkeypatch: pytest.MonkeyPatch, requested: str, variable: str | None, key: str | None, expected: str):
    for name, value in {"WANDB_MODE": variable, "WANDB_API_KEY": key}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    assert choose_mode(requested) == expected


def test_a_login_in_netrc_counts_for_its_own_host_only(tmp_path: Path):
    (tmp_path / "netrc").write_text(f"machine other.example login user password {KEY}\n")
    assert choose_mode("auto") == "offline"
    (tmp_path / "netrc").write_text(f"machine api.wandb.ai login user password {KEY}\n")
    assert choose_mode("auto") == "online"


def test_a_key_that_cannot_be_one_is_said_and_the_run_is_offline(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("WANDB_API_KEY", "short")
    assert choose_mode("auto") == "offline"
    assert "not usable" in caplog.text


def test_an_unknown_mode_is_refused():
    with pytest.raises(InputError, match="sometimes"):
        choose_mode("sometimes")


def test_an_unknown_mode_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WANDB_MODE", "maybe")
    with pytest.raises(InputError, match="maybe") as caught:
        choose_mode("auto")
    assert caught.value.where == "WANDB_MODE"
