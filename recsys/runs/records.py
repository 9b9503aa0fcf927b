"""The results of a training, EpochRecord and Run, and how they are stored as files."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from recsys.config import RunConfig, make_config
from recsys.scorer import TASKS

# Parquet has flat columns: the validation metric `rmse` is the column `validation_metrics.rmse`.
METRIC_PREFIX = "validation_metrics."
# Bounds of a history that came from elsewhere: Parquet holds a billion equal values in a few bytes.
MAX_EPOCHS = 1000  # as in RunConfig
MAX_VALUES = 1_000_000  # of one column
MAX_HISTORY_BYTES = 64 << 20
KINDS = {"epoch": pa.int32(), "line": pa.list_(pa.list_(pa.float64()))}


@dataclass(frozen=True)
class EpochRecord:
    """The losses and metrics of one epoch.

    Losses are divided by the loss of a trivial predictor: at 1.0 the model has learnt nothing.

    Attributes:
        epoch: Counted from 1.
        retrieval_loss: On the training ratings.
        rating_loss: On the training ratings.
        total_loss: The weighted sum of the two losses, each times its balancing factor.
            `tutorial` sums them on the tutorial's own scales.
        validation_retrieval_loss: None without a validation part.
        validation_rating_loss: None without a validation part.
        validation_metrics: `rmse` (stars), `recall@20`, `ndcg@20`, `top_k_accuracy@100` (0-1);
            empty without a validation part.
        seconds: Time since the start of training.
        retrieval_share: The share of the weighted retrieval loss in the total loss, 0-1.
        retrieval_gradient_norm: Norm of the gradient of the weighted retrieval objective on the
            variables that both tasks train; mean over the steps. None without such variables.
        rating_gradient_norm: The same for the rating objective.
        gradient_cosine: Cosine of the two gradients, mean over the steps; below 0 they conflict.
        retrieval_factor: The factor by which the loss balancing multiplies the retrieval weight,
            geometric mean over the steps. With `uncertainty` it is exp(-log-variance).
        rating_factor: The same for the rating weight.
        line: With `all_ratios`, in some epochs: position, `rmse` and `ndcg@20` on validation of a
            few positions. Metrics of other fields are those at equal weights, train losses are
            means over the ratios.
    """

    epoch: int
    retrieval_loss: float
    rating_loss: float
    total_loss: float
    validation_retrieval_loss: float | None = None
    validation_rating_loss: float | None = None
    validation_metrics: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    retrieval_share: float = 0.0
    retrieval_gradient_norm: float | None = None
    rating_gradient_norm: float | None = None
    gradient_cosine: float | None = None
    retrieval_factor: float = 1.0
    rating_factor: float = 1.0
    line: tuple[tuple[float, float, float], ...] = ()

    def __post_init__(self) -> None:
        """Make tuples of the lists that JSON and Parquet return."""
        object.__setattr__(self, "line", tuple(tuple(point) for point in self.line))


class LinePoint(BaseModel):
    """The metrics of one position of a run with `all_ratios`.

    Attributes:
        position: 0 to 1, see `recsys.ratio.weights_at`.
        metrics: Part to metric to value.
        gradient_cosine: Cosine of the tasks' gradients, a mean over the training steps nearest to
            the position, of which late ones count most; None if it was not recorded.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    position: float
    metrics: dict[str, dict[str, float]]
    gradient_cosine: float | None = None


@dataclass(frozen=True)
class Run:
    """One training and its results.

    Attributes:
        run_id: From config, data and model version; `<run_id>-stopped-<batches>` if stopped.
        config: Settings of the run.
        dataset: Name of the data set.
        fingerprint: SHA-256 of the data set's content.
        status: `finished`, or `stopped`: a new request with the same settings does not return it.
        created: ISO 8601, UTC.
        history: One record per epoch.
        metrics: Part (`validation`, `holdout`) to metric to value.
        baselines: Baseline to part to metric to value.
        seconds: `load`, `fit`, `evaluate`, `total`.
        peak_rss_mb: Peak memory of the training process, megabytes.
        line: With `all_ratios`, the metrics at each position; `metrics` has those at equal weights.
        name: The label that a user gave the run, or "".
    """

    run_id: str
    config: RunConfig
    dataset: str
    fingerprint: str
    status: Literal["finished", "stopped"]
    created: str
    history: tuple[EpochRecord, ...]
    metrics: dict[str, dict[str, float]]
    baselines: dict[str, dict[str, dict[str, float]]]
    seconds: dict[str, float]
    peak_rss_mb: float
    line: tuple[LinePoint, ...] = ()
    name: str = ""

    def learns(self, task: str) -> bool:
        """Return whether a task, `retrieval` or `rating`, was trained."""
        return self.config.learns(task)

    @property
    def learnt(self) -> frozenset[str]:
        """The tasks that were trained."""
        return frozenset(task for task in TASKS if self.learns(task))


class Summary(BaseModel):
    """The part of a Run that is kept in `metrics.json`."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    run_id: str
    dataset: str
    fingerprint: str
    status: Literal["finished", "stopped"]
    created: str
    metrics: dict[str, dict[str, float]]
    baselines: dict[str, dict[str, dict[str, float]]]
    seconds: dict[str, float]
    peak_rss_mb: float
    line: tuple[LinePoint, ...] = ()


def write_run(run: Run) -> dict[str, bytes]:
    """Return the content of `config.json`, `metrics.json` and `history.parquet`.

    Raises:
        ValueError: a metric is NaN or infinite.
    """
    summary = Summary(**{name: getattr(run, name) for name in Summary.model_fields})
    return {
        "config.json": run.config.model_dump_json(indent=2).encode(),
        "metrics.json": summary.model_dump_json(indent=2).encode(),
        "history.parquet": write_history(run.history),
    }


def read_run(files: Mapping[str, bytes]) -> Run:
    """Return the run that `write_run` wrote, without its name.

    Raises:
        ValueError: the files do not have the format that this version writes.
    """
    summary = Summary.model_validate_json(files["metrics.json"])
    stored = json.loads(files["config.json"])
    # Through make_config, so that a field added since then gets its default.
    config = make_config(stored)
    if config.adapt_dimension and "adapt_dimension" not in stored:
        config = config.model_copy(update={"adapt_dimension": False})  # no version before did it
    return Run(**dict(summary), config=config, history=read_history(files["history.parquet"]))


def write_history(history: Sequence[EpochRecord]) -> bytes:
    """Return the records as Parquet: one row per epoch, one column per value."""
    metrics = dict.fromkeys(name for record in history for name in record.validation_metrics)
    columns: dict[str, pa.Array] = {}
    for item in fields(EpochRecord):
        if item.name != "validation_metrics":
            kind = KINDS.get(item.name, pa.float64())
            columns[item.name] = pa.array([getattr(r, item.name) for r in history], kind)
    for name in metrics:
        values = [record.validation_metrics.get(name) for record in history]
        columns[METRIC_PREFIX + name] = pa.array(values, pa.float64())
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def read_history(content: bytes) -> tuple[EpochRecord, ...]:
    """Return the records that `write_history` wrote.

    Raises:
        ValueError: the columns are not those of EpochRecord.
    """
    try:
        # Without Arrow's threads: on a busy machine a process that ended right after they had
        # started was aborted, and so little data gains nothing from them.
        file = pq.ParquetFile(pa.BufferReader(content), pre_buffer=False)
        _check_size(file.metadata)
        rows = file.read(use_threads=False).to_pylist()
        return tuple(_record(row) for row in rows)
    except (pa.ArrowException, TypeError, OSError) as error:
        raise ValueError(f"history.parquet is not readable: {error}") from None


def _check_size(about: pq.FileMetaData) -> None:
    groups = [about.row_group(number) for number in range(min(about.num_row_groups, MAX_EPOCHS))]
    chunks = [group.column(number) for group in groups for number in range(group.num_columns)]
    if (
        about.num_rows > MAX_EPOCHS
        or about.num_row_groups > MAX_EPOCHS
        or any(chunk.num_values > MAX_VALUES for chunk in chunks)
        or sum(chunk.total_uncompressed_size for chunk in chunks) > MAX_HISTORY_BYTES
    ):
        raise ValueError(f"history.parquet is too large: a run has at most {MAX_EPOCHS} epochs")


def _record(row: dict[str, float | int | None]) -> EpochRecord:
    metrics = {
        name.removeprefix(METRIC_PREFIX): value
        for name, value in row.items()
        if name.startswith(METRIC_PREFIX) and value is not None
    }
    values = {name: value for name, value in row.items() if not name.startswith(METRIC_PREFIX)}
    return EpochRecord(**values, validation_metrics=metrics)  # type: ignore[arg-type]
