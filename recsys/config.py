"""RunConfig: every choice a run depends on, validated; its defaults stand in `config.yaml`."""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from recsys.errors import DuetError

# Raised whenever the model code changes what the same config learns: stored runs of an older
# version then no longer answer for a new request.
MODEL_VERSION = 4

WEIGHTS = ("retrieval_weight", "rating_weight")
# As WEIGHTS.
PRESETS: dict[str, tuple[float, float]] = {
    "rating-specialised": (0.0, 1.0),
    "retrieval-specialised": (1.0, 0.0),
    "multi-task": (1.0, 1.0),
}
# Fields that only the `duet` architecture has; for others they are None.
DUET_ONLY = (
    "sharing",
    "attributes",
    "unrated_weight",
    "retrieval_l2",
    "rating_dimension",
    "rating_members",
    "rating_learning_rate",
    "rating_l2",
)
MAX_CONFIG_BYTES = 64_000

Sharing = Literal["all", "part", "none"]
SHARING: tuple[Sharing, ...] = get_args(Sharing)
Balancing = Literal["fixed", "uncertainty", "inverse-loss", "pcgrad"]
BALANCING: tuple[Balancing, ...] = get_args(Balancing)

MAX_IN_BATCH = 16_384  # ratings; the scores of one such batch take 1 GB


class ConfigError(DuetError):
    """A config that cannot be run; its message is one line for the user."""


class RunConfig(BaseModel):
    """One request for a run. Equal configs on equal data are the same run.

    Fields that are left out take the architecture's default from `config.yaml`. Fields that the
    chosen architecture does not have are None.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    architecture: Literal["duet", "tutorial"] = Field(
        description="duet: history-pooled towers, squared error over the whole catalogue. "
        "tutorial: the model of the TFRS multitask tutorial."
    )
    retrieval_weight: float = Field(
        ge=0, le=100, description="Weight of the retrieval loss in the total loss."
    )
    rating_weight: float = Field(
        ge=0, le=100, description="Weight of the rating loss in the total loss."
    )
    balancing: Balancing = Field(
        description="What is done in training beside the weights: nothing (fixed), learnt "
        "uncertainties, division by the current loss, or projecting conflicting gradients."
    )
    embedding_dimension: int = Field(
        ge=1, le=512, description="Length of the vector that stands for a user or a movie."
    )
    learning_rate: float = Field(
        gt=0, le=10, description="Step size of the optimizer (duet: Adam, tutorial: Adagrad)."
    )
    epochs: int = Field(ge=1, le=1000, description="Passes over the training ratings.")
    batch_size: int = Field(
        ge=1,
        le=1_000_000,
        description="Ratings in one training step (duet: at least a hundredth of all).",
    )
    sharing: Sharing | None = Field(
        description="What the rating head reads: the retrieval towers (all), its own embeddings "
        "(none), or both added up (part)."
    )
    attributes: bool | None = Field(
        description="Whether the model reads what is known of users and movies: age, occupation, "
        "genres, year."
    )
    unrated_weight: float | None = Field(
        gt=0,
        le=10,
        description="What an unrated movie counts in the retrieval loss; a rated one: 1.",
    )
    retrieval_l2: float | None = Field(
        ge=0, le=10, description="L2 penalty on the embeddings of the retrieval towers."
    )
    rating_dimension: int | None = Field(
        ge=1, le=512, description="Length of the vectors the rating head compares."
    )
    rating_members: int | None = Field(
        ge=1,
        le=64,
        description="Rating heads, trained side by side from other starts and averaged.",
    )
    rating_learning_rate: float | None = Field(
        gt=0, le=10, description="Step size for what only the rating head has."
    )
    rating_l2: float | None = Field(
        ge=0, le=10, description="L2 penalty on the embeddings of the rating head."
    )
    seed: int = Field(
        ge=0, lt=2**31, description="Seed of the initial weights and of the shuffling."
    )
    data: str = Field(min_length=1, max_length=200, description="Name of the data set.")
    split: Literal["random", "time", "given"] = Field(
        description="How the holdout is chosen: random ratings, the newest ones, or a given file."
    )
    holdout: float = Field(ge=0, lt=1, description="Share of the ratings held out for the end.")
    validation: float = Field(ge=0, lt=1, description="Share of the ratings used for validation.")
    split_seed: int = Field(ge=0, lt=2**31, description="Seed of the random split.")

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        defaults = dict(_defaults())
        by_architecture = defaults.pop("architectures")
        architecture = values.get("architecture", defaults["architecture"])
        known = isinstance(architecture, str) and architecture in by_architecture
        own = by_architecture[architecture if known else defaults["architecture"]]
        if values.get("split") == "given":
            defaults["holdout"] = 0.0  # the holdout is a file, not a share
        return dict.fromkeys(DUET_ONLY) | defaults | own | values

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.retrieval_weight == 0 and self.rating_weight == 0:
            raise ValueError(
                "retrieval_weight and rating_weight are both 0: nothing would be learnt; "
                "set at least one above 0"
            )
        if self.split == "given" and self.holdout:
            raise ValueError("a given split has its holdout in a file: leave holdout out")
        if self.holdout + self.validation >= 1:
            raise ValueError(
                f"holdout {self.holdout:g} and validation {self.validation:g} leave nothing to "
                "train on: together they must stay below 1"
            )
        if self.architecture == "tutorial" and self.batch_size > MAX_IN_BATCH:
            raise ValueError(
                f"batch_size {self.batch_size} is too large for tutorial, which scores every "
                f"rating of a batch against every other: {MAX_IN_BATCH} at most"
            )
        for field in DUET_ONLY:
            has, set_ = self.architecture == "duet", getattr(self, field) is not None
            if has != set_:
                raise ValueError(f"{field} {'must be set for' if has else 'is only for'} duet")
        return self

    def canonical(self) -> str:
        """Return the config as JSON with sorted keys: equal configs give equal text."""
        return json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":"))

    def learns(self, task: str) -> bool:
        """Return whether a task, `retrieval` or `rating`, is trained: its weight is above 0."""
        return bool(getattr(self, f"{task}_weight") > 0)

    @property
    def preset(self) -> str | None:
        """Return the name of the preset with these weights, if there is one."""
        weights = (self.retrieval_weight, self.rating_weight)
        return next((name for name, preset in PRESETS.items() if preset == weights), None)


def run_id(config: RunConfig, fingerprint: str) -> str:
    """Return the id of the run of `config` on the data with this fingerprint: 12 hex digits."""
    text = f"{config.canonical()}|{fingerprint}|{MODEL_VERSION}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def make_config(values: dict[str, Any]) -> RunConfig:
    """Return the validated config.

    Raises:
        ConfigError: one line that names the field and what to do.
    """
    try:
        return RunConfig(**values)
    except ValidationError as error:
        raise ConfigError("; ".join(_sentence(item) for item in error.errors())) from None


def differing_fields(configs: Sequence[RunConfig]) -> list[str]:
    """Return the fields that do not have the same value in all configs."""
    if not configs:
        return []
    first = configs[0]
    return [
        field
        for field in RunConfig.model_fields
        if any(getattr(config, field) != getattr(first, field) for config in configs)
    ]


def read_config(path: Path) -> dict[str, Any]:
    """Read the fields that a YAML file sets.

    Raises:
        ConfigError: the file cannot be read, is too large, or holds anything but `field: value`.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    if len(raw) > MAX_CONFIG_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_CONFIG_BYTES} bytes; a config is a few lines")
    try:
        values = _load_yaml(raw.decode())
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f" line {line + 1}" if line is not None else ""
        raise ConfigError(f"{path}{where}: not valid YAML") from None
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise ConfigError(f"{path}: must hold lines of the form `field: value`")
    return values


def parse_assignment(text: str) -> tuple[str, Any]:
    """Parse `key=value` as given to `--set`; the value is read as a YAML scalar.

    Raises:
        ConfigError: there is no `=`, or the value is no scalar.
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"--set {text!r}: write it as key=value, e.g. epochs=20")
    try:
        parsed = _load_yaml(value)
    except (yaml.YAMLError, ValueError):
        parsed = value
    if isinstance(parsed, dict | list):
        raise ConfigError(f"--set {text!r}: the value must be a number or a word")
    return key.strip(), parsed


def _load_yaml(text: str) -> Any:
    """Return the scalar, or the flat mapping or list of scalars, that this YAML holds.

    Nested values, aliases and tags are refused while they are parsed: a config needs none, and
    they can take any time, memory ("billion laughs") or class of error.
    """
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        if getattr(event, "anchor", None):
            raise ConfigError("YAML aliases (&name, *name) are not allowed; write values out")
        if getattr(event, "tag", None):
            raise ConfigError("YAML tags (!name) are not allowed; leave them out")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > 1:
            raise ConfigError("a value must be a number or a word, not a list of values")
    return yaml.safe_load(text)


@cache
def _defaults() -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("config.yaml").read_text())
    return values


def _sentence(error: Any) -> str:
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = ", ".join(sorted(RunConfig.model_fields))
        return f"unknown field {field!r}; the fields are: {known}"
    message = error["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    return f"{field}: {message} (was {error['input']!r})" if field else message
