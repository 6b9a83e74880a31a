import csv
from pathlib import Path

import pytorch_lightning as pl
import torch
from omegaconf import OmegaConf
from torch.utils.data import DataLoader

from src.reporting.csv_logger import CsvLogger
from src.reporting.loggers import RunLogger, build_loggers

CONF = Path(__file__).resolve().parents[2] / "conf" / "logger"


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "csv" / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def csv_logger(folder: Path) -> RunLogger:
    (logger,) = build_loggers(OmegaConf.load(CONF / "csv.yaml"), folder, {}, None, "name")
    assert isinstance(logger, CsvLogger)
    return logger


def test_columns_are_added_as_metrics_appear(tmp_path: Path):
    logger = csv_logger(tmp_path)
    logger.log_metrics({"train/loss": 1.0}, 10)
    logger.log_metrics({"val/mAP": torch.tensor(0.25)}, 10)
    logger.log_metrics({"train/loss": 0.5}, 20)
    assert rows(tmp_path) == [
        {"step": "10", "train/loss": "1.0", "val/mAP": ""},
        {"step": "10", "train/loss": "", "val/mAP": "0.25"},
        {"step": "20", "train/loss": "0.5", "val/mAP": ""},
    ]


def test_a_resumed_run_repeats_no_row(tmp_path: Path):
    before = csv_logger(tmp_path)
    for step in (10, 20, 30):
        before.log_metrics({"train/loss": float(step)}, step)
    csv_logger(tmp_path).log_metrics({"train/loss": 0.5}, 20)
    assert [(row["step"], row["train/loss"]) for row in rows(tmp_path)] == [("10", "10.0"), ("20", "0.5")]


class OneWeight(pl.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
        self.save_hyperparameters({"a": 1})

    def training_step(self, batch: torch.Tensor) -> torch.Tensor:
        loss = self.layer(batch).square().mean()
        self.log("train/loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


def test_lightning_logs_through_it(tmp_path: Path):
    trainer = pl.Trainer(
        logger=[csv_logger(tmp_path)],
        max_steps=4,
        log_every_n_steps=2,
        accelerator="cpu",
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
        default_root_dir=tmp_path,
    )
    trainer.fit(OneWeight(), DataLoader(torch.ones(8, 1), batch_size=1))
    assert [row["step"] for row in rows(tmp_path)] == ["1", "3"]
    assert float(rows(tmp_path)[1]["train/loss"]) < float(rows(tmp_path)[0]["train/loss"])
    assert [path.name for path in tmp_path.iterdir()] == ["csv"]
