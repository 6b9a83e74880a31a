"""The same training, thrice: through this project's own path, in sentence-transformers' trainer, and in a bare loop."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.base.sampler import DefaultBatchSampler
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from torch.nn import functional
from torch.utils.data import SequentialSampler
from transformers import AutoModel, PreTrainedModel, TrainerCallback

from benchmarks.small_bert import DATA, MAX_LENGTH
from benchmarks.timing import Marks
from src.data.batch import TextChunks
from src.data.chunks import chunk
from src.data.tokens import tokenize
from src.encoder.backbone import load_tokenizer
from src.encoder.dual_encoder import word_inputs
from src.encoder.pooling import mean
from src.reporting.csv_logger import CsvLogger
from src.reporting.loggers import LoggedRun
from src.training.assembly import Parts, assemble
from src.training.fit import fit
from src.training.optimizer import multiplier, parameter_groups
from src.training.resume import Start

CONF = str(Path(__file__).resolve().parents[1] / "conf")
XQUAD_R = (
    *("dataset=squad", "dataset._target_=benchmarks.xquad_pairs.read", f"dataset.folder={DATA}"),
    *("dataset.passage=sentence", "dataset.validation_fraction=0", "benchmark=xquad_r", f"benchmark.folder={DATA}"),
)
TEMPERATURE, LEARNING_RATE, WEIGHT_DECAY, CLIP = 0.05, 3e-5, 0.01, 1.0
WHOLE_BATCH = 1 << 40  # a chunk overhead that no saved padding is worth

Texts = tuple[list[str], list[str]]  # questions and sentences of one step


@dataclass(frozen=True)
class Task:
    """What every arm does."""

    checkpoint: Path
    folder: Path  # for caches and what the trainers write
    batch_size: int
    steps: int
    seed: int
    threads: int
    overrides: tuple[str, ...] = ()
    data: tuple[str, ...] = XQUAD_R
    bf16: bool = False  # of their trainer; ours is told by overrides
    use_cpu: bool = True

    def with_overrides(self, *overrides: str) -> Task:
        """The same with more of this project's settings."""
        return replace(self, overrides=(*self.overrides, *overrides))

    @property
    def warm_up(self) -> int:
        """Steps whose learning rate rises."""
        return round(0.1 * self.steps)


class Watch:
    """What an arm shows: when each step began, its loss, and the tokens computed in each."""

    def __init__(self) -> None:
        self.marks = Marks()
        self.losses: list[float] = []
        self.tokens = 0  # padding included

    def count(self, _: Any, arguments: tuple[torch.Tensor, ...]) -> None:
        """A pre-hook of the word embeddings."""
        self.tokens += arguments[0].numel()


def run_overrides(task: Task) -> list[str]:
    """The run as a person would type it."""
    return [
        "model=hf",
        f"model.name_or_path={task.checkpoint}",
        f"model.max_query_length={MAX_LENGTH}",
        f"model.training.threads={task.threads}",
        *task.data,
        "sampler=mixed",
        f"batch_size={task.batch_size}",
        f"max_steps={task.steps}",
        f"seed={task.seed}",
        f"cache_dir={task.folder / 'cache'}",
        "logger=csv",
        *task.overrides,
    ]


def compose_config(task: Task) -> DictConfig:
    """The run as `src.train` composes it."""
    with initialize_config_dir(CONF, version_base="1.3"):
        return compose("train", run_overrides(task))


def planned_texts(parts: Parts, steps: int) -> Iterator[Texts]:
    """The texts of each step's rows."""
    index = parts.data.train
    for step in range(steps):
        concepts, query_languages, passage_languages = parts.strategy.plan(step).T
        yield (
            parts.data.questions.get(index.question[concepts], query_languages),
            parts.data.passages.get(index.passage[concepts], passage_languages),
        )


def ours(task: Task, _: Sequence[Texts]) -> Watch:
    """This project: strategy, data module, Lightning module, trainer, callbacks and CSV logger of a default run."""
    watch = Watch()
    config = compose_config(task)
    parts = assemble(config)
    parts.module.on_train_batch_start = watch.marks.add  # type: ignore[assignment]
    parts.module.losses.objective.register_forward_hook(lambda *call: watch.losses.append(call[-1]["loss"].item()))
    with tempfile.TemporaryDirectory(dir=task.folder) as folder:
        logger = CsvLogger(LoggedRun(Path(folder), {}, None, "benchmark", "train"))
        watch.tokens = fit(config, parts, Path(folder), [logger], Start({})).telemetry["computed_tokens"]
    return watch


def sentence_transformers(task: Task, texts: Sequence[Texts]) -> Watch:
    """Their trainer and loss; dynamic padding is theirs, and tokenising as they go."""
    watch = Watch()
    transformer = Transformer(str(task.checkpoint), max_seq_length=MAX_LENGTH)
    model = SentenceTransformer(modules=[transformer, Pooling(transformer.get_embedding_dimension(), "mean")])
    transformer.model.get_input_embeddings().register_forward_pre_hook(watch.count)
    loss = MultipleNegativesRankingLoss(model, scale=1 / TEMPERATURE)
    loss.register_forward_hook(lambda *call: watch.losses.append(call[-1].item()))
    questions, sentences = (list(chain(*side)) for side in zip(*texts, strict=True))
    with tempfile.TemporaryDirectory(dir=task.folder) as folder:
        SentenceTransformerTrainer(
            model=model,
            args=_their_arguments(task, folder),
            train_dataset=Dataset.from_dict({"question": questions, "sentence": sentences}),
            loss=loss,
            callbacks=[_StepBegins(watch.marks)],
        ).train()
    return watch


class _StepBegins(TrainerCallback):
    def __init__(self, marks: Marks) -> None:
        self.marks = marks

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        self.marks.add()


def _their_arguments(task: Task, folder: str) -> SentenceTransformerTrainingArguments:
    return SentenceTransformerTrainingArguments(
        output_dir=folder,
        per_device_train_batch_size=task.batch_size,
        batch_sampler=lambda dataset, **given: DefaultBatchSampler(SequentialSampler(dataset), **given),
        num_train_epochs=1,
        optim="adamw_torch_fused",
        learning_rate=LEARNING_RATE,
        weight_decay=WEIGHT_DECAY,
        max_grad_norm=CLIP,
        lr_scheduler_type="linear",
        warmup_steps=task.warm_up,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
        eval_strategy="no",
        save_strategy="no",
        logging_steps=10,
        report_to="none",
        disable_tqdm=True,
        use_cpu=task.use_cpu,
        bf16=task.bf16,
        seed=task.seed,
    )


def bare_padded(task: Task, texts: Sequence[Texts]) -> Watch:
    """A plain loop; each side of a batch is padded to its longest text."""
    return _bare(task, texts, WHOLE_BATCH)


def bare_chunks(task: Task, texts: Sequence[Texts]) -> Watch:
    """A plain loop with this project's length-sorted chunks."""
    return _bare(task, texts, compose_config(task).trainer.chunk_overhead)


def _bare(task: Task, texts: Sequence[Texts], overhead: int) -> Watch:
    watch = Watch()
    backbone = AutoModel.from_pretrained(task.checkpoint, add_pooling_layer=False).train()
    backbone.get_input_embeddings().register_forward_pre_hook(watch.count)
    tokenizer = load_tokenizer(str(task.checkpoint))
    tokens = [[tokenize(side, tokenizer, "", MAX_LENGTH) for side in step] for step in texts]
    optimizer = torch.optim.AdamW(parameter_groups(backbone, LEARNING_RATE, WEIGHT_DECAY), lr=LEARNING_RATE, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, multiplier("linear", task.warm_up, task.steps))
    labels = torch.arange(task.batch_size)
    for step in tokens:
        watch.marks.add()
        queries, passages = (_embed(backbone, chunk(side, tokenizer.pad_token_id, overhead)) for side in step)
        loss = functional.cross_entropy(queries @ passages.T / TEMPERATURE, labels)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(backbone.parameters(), CLIP)
        optimizer.step()
        schedule.step()
        watch.losses.append(loss.item())
    return watch


def _embed(backbone: PreTrainedModel, chunks: TextChunks) -> torch.Tensor:
    padded = zip(word_inputs(backbone, chunks.input_ids), chunks.attention_mask, strict=True)
    pooled = [mean(backbone(**words, attention_mask=mask), mask) for words, mask in padded]
    return functional.normalize(torch.cat(pooled), dim=-1)[chunks.restore]


ARMS: dict[str, Callable[[Task, Sequence[Texts]], Watch]] = {
    "this project": ours,
    "bare loop, chunks": bare_chunks,
    "bare loop, padded": bare_padded,
    "sentence-transformers": sentence_transformers,
}
OURS_HALF = "this project, bf16"
HALF: dict[str, Callable[[Task, Sequence[Texts]], Watch]] = {
    OURS_HALF: lambda task, texts: ours(task.with_overrides("trainer.precision=bf16-mixed"), texts),
    "sentence-transformers, bf16": lambda task, texts: sentence_transformers(replace(task, bf16=True), texts),
}
