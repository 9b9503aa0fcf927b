"""RunConfig: the validated settings of a run. The defaults are in `config.yaml`."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from recsys.errors import DuetError, quoted

# Increase this when a change of the model code changes what the same config learns. A request then
# no longer finds the run that an older version stored.
MODEL_VERSION = 8
LINE_VERSION = 2  # the same, of trainings with `all_ratios` alone
TUTORIAL_VERSION = 2  # the same, of the architecture `tutorial` alone

WEIGHTS = ("retrieval_weight", "rating_weight")
# Values of the WEIGHTS, in that order.
PRESETS: dict[str, tuple[float, float]] = {
    "rating-specialised": (0.0, 1.0),
    "retrieval-specialised": (1.0, 0.0),
    "multi-task": (1.0, 1.0),
}
# Fields that only the `duet` architecture has; None for the others.
DUET_ONLY = (
    "adapt_dimension",
    "sharing",
    "attributes",
    "unrated_weight",
    "retrieval_l2",
    "rating_dimension",
    "rating_members",
    "rating_learning_rate",
    "rating_l2",
)
# Fields that only rating heads with vectors of their own have; None for the sharings in TIED.
OWN_VECTORS_ONLY = ("rating_dimension", "rating_members")
# Fields that older versions did not have. Where they have this value they are left out of the run's
# id, so that runs stored before are still found.
ADDED = {"all_ratios": False}
MAX_CONFIG_BYTES = 64_000

_DEFAULTS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("config.yaml").read_text())
DEFAULT_DATA: str = _DEFAULTS["data"]

Sharing = Literal["tied", "mapped", "all", "part", "none"]
SHARING: tuple[Sharing, ...] = get_args(Sharing)  # from sharing most to sharing nothing
TIED = ("tied", "mapped")  # the rating head has no vectors of its own
Balancing = Literal["fixed", "uncertainty", "inverse-loss", "pcgrad"]
BALANCING: tuple[Balancing, ...] = get_args(Balancing)

# Ratings in a batch of `tutorial`. Where all have different users and movies, their score matrix
# takes 1 GB.
MAX_IN_BATCH = 16_384


class ConfigError(DuetError):
    """An invalid config; the message is one line for the user."""


class RunConfig(BaseModel):
    """The settings of one run. Equal configs on equal data are the same run.

    Fields that are not set take the default of the architecture and of the sharing from
    `config.yaml`. Fields that these do not have are None.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    architecture: Literal["duet", "tutorial"] = Field(
        description="duet: a two-tower model that pools the user's history, with a squared error "
        "over all movies. tutorial: the two-tower model of the TFRS multitask tutorial."
    )
    retrieval_weight: float = Field(
        ge=0,
        le=100,
        description="Weight of the retrieval loss in the total loss; 0: not trained.",
    )
    rating_weight: float = Field(
        ge=0,
        le=100,
        description="Weight of the rating loss in the total loss; 0: not trained.",
    )
    all_ratios: bool = Field(
        description="Learn a model for every ratio of the weights in one training, from 30 : 1 to "
        "1 : 30. The two weights stay 1.",
    )
    balancing: Balancing = Field(
        description="Loss balancing on top of the weights. fixed: none. uncertainty: learnt task "
        "variances. inverse-loss: each loss is divided by its current value. pcgrad: the "
        "conflicting part of each gradient is removed."
    )
    embedding_dimension: int = Field(
        ge=1, le=512, description="Dimension of the towers' user and movie embeddings."
    )
    adapt_dimension: bool | None = Field(
        description="Enlarge the embedding dimension, up to 2.5 times, where the matrix of "
        "who rated what has many singular values above chance, and lower its L2 penalty."
    )
    learning_rate: float = Field(
        gt=0,
        le=10,
        description="Learning rate at the start (duet: Adam with cosine decay, tutorial: Adagrad).",
    )
    epochs: int = Field(ge=1, le=1000, description="Passes over the train ratings.")
    batch_size: int = Field(
        ge=1,
        le=1_000_000,
        description="Ratings per training step (duet: at least 1% of the train ratings).",
    )
    sharing: Sharing | None = Field(
        description="Which vectors the rating head uses. tied: those of retrieval, each dimension "
        "times a factor. mapped: those of retrieval, times a matrix. all: a linear map of the "
        "retrieval embeddings of movies. part: that map, and embeddings of its own. none: "
        "embeddings of its own only."
    )
    attributes: bool | None = Field(
        description="Use attributes of users and movies, such as age, occupation, genres and year."
    )
    unrated_weight: float | None = Field(
        gt=0,
        le=10,
        description="Weight of an unrated movie in the retrieval loss; a rated movie has weight 1.",
    )
    retrieval_l2: float | None = Field(
        ge=0, le=10, description="L2 penalty on the embeddings of the retrieval towers."
    )
    rating_dimension: int | None = Field(
        ge=1, le=512, description="Dimension of the rating head's user and movie vectors."
    )
    rating_members: int | None = Field(
        ge=1,
        le=64,
        description="Number of rating heads; they train in parallel and are averaged.",
    )
    rating_learning_rate: float | None = Field(
        gt=0,
        le=10,
        description="Learning rate of the rating head's own variables at the start; it is lowered "
        "where the movies of the ratings have more than 200 ratings on average.",
    )
    rating_l2: float | None = Field(
        ge=0, le=10, description="L2 penalty on the embeddings of the rating head."
    )
    seed: int = Field(
        ge=0, lt=2**31, description="Seed of the initial weights and of the order of the batches."
    )
    data: str = Field(min_length=1, max_length=200, description="Name of the data set.")
    split: Literal["random", "time", "given"] = Field(
        description="How the holdout is chosen. random: at random. time: the newest ratings. "
        "given: by the holdout file of the data set."
    )
    holdout: float = Field(
        ge=0, lt=1, description="Share of the ratings held out for the final evaluation."
    )
    validation: float = Field(
        ge=0, lt=1, description="Share of the ratings used for validation after each epoch."
    )
    split_seed: int = Field(ge=0, lt=2**31, description="Seed of the random split.")

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        defaults = dict(_DEFAULTS)
        by_architecture = defaults.pop("architectures")
        by_sharing, by_line = defaults.pop("sharings"), defaults.pop("all_ratios_sharings")
        own = _chosen(by_architecture, values.get("architecture", defaults["architecture"]))
        own = own or by_architecture[defaults["architecture"]]
        if "sharing" in own:
            sharing = values.get("sharing", own["sharing"])
            own = own | _chosen(by_sharing, sharing)
            if values.get("all_ratios") is True:
                own = own | _chosen(by_line, sharing)
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
        if self.all_ratios:
            self._check_all_ratios()
        if self.split == "given" and self.holdout:
            raise ValueError("split=given takes the holdout from a file: leave out holdout")
        if self.holdout + self.validation >= 1:
            raise ValueError(
                f"holdout {self.holdout:g} and validation {self.validation:g} leave nothing to "
                "train on: together they must stay below 1"
            )
        if self.architecture == "tutorial" and self.batch_size > MAX_IN_BATCH:
            raise ValueError(
                f"batch_size {self.batch_size} is too large for tutorial, which compares each "
                f"rating of a batch with all others: {MAX_IN_BATCH} at most"
            )
        for field in DUET_ONLY:
            has, set_ = self.architecture == "duet", getattr(self, field) is not None
            tied = self.sharing in TIED and field in OWN_VECTORS_ONLY
            if tied and set_:
                raise ValueError(
                    f"{field} is not for sharing={self.sharing}: the rating has no vectors of its "
                    "own; leave it out"
                )
            if has != set_ and not tied:
                raise ValueError(f"{field} {'must be set for' if has else 'is only for'} duet")
        return self

    def _check_all_ratios(self) -> None:
        if self.architecture != "duet":
            raise ValueError("all_ratios is only for duet")
        if self.balancing != "fixed":
            raise ValueError(
                f"all_ratios sets the weights of every step itself: balancing must be fixed, not "
                f"{self.balancing}"
            )
        if (self.retrieval_weight, self.rating_weight) != (1, 1):
            raise ValueError("all_ratios trains every ratio: leave out the two weights")

    def canonical(self) -> str:
        """Return the config as JSON with sorted keys: the same text for equal configs."""
        values = self.model_dump()
        for field, default in ADDED.items():
            if values[field] == default:
                del values[field]
        return json.dumps(values, sort_keys=True, separators=(",", ":"))

    def learns(self, task: str) -> bool:
        """Return whether a task, `retrieval` or `rating`, is trained: its weight is above 0."""
        return bool(getattr(self, f"{task}_weight") > 0)

    @property
    def preset(self) -> str | None:
        """The name of the preset with these weights, or None."""
        weights = (self.retrieval_weight, self.rating_weight)
        return next((name for name, preset in PRESETS.items() if preset == weights), None)


def with_sharing(config: RunConfig, sharing: Sharing | None) -> RunConfig:
    """Return the config with another sharing, and the values tuned for it.

    Values that were changed from the defaults are kept, where the other sharing has the field. With
    None the config stays as it is.
    """
    return config if sharing is None else _switched(config, sharing=sharing)


def with_all_ratios(config: RunConfig, sharing: Sharing | None = None) -> RunConfig:
    """Return the config that learns all ratios in one training, with the values tuned for that.

    Args:
        config: all other settings; values that were changed from the defaults are kept.
        sharing: how much the tasks share; by default as in `config`.
    """
    own = {"retrieval_weight": 1.0, "rating_weight": 1.0, "balancing": "fixed"}
    plain = make_config(config.model_dump() | own)
    return _switched(plain, sharing=sharing or config.sharing, all_ratios=True)


def without_all_ratios(config: RunConfig) -> RunConfig:
    """Return the config for one ratio, equal weights, with the values tuned for that."""
    return _switched(config, all_ratios=False) if config.all_ratios else config


def _switched(config: RunConfig, **switches: Any) -> RunConfig:
    """Return the config with other switches, and the defaults that belong to them."""
    kinds = {name: getattr(config, name) for name in ("architecture", "sharing", "all_ratios")}
    values = config.model_dump()
    defaults = make_config(kinds).model_dump()
    tuned = make_config(kinds | switches).model_dump()
    for field in RunConfig.model_fields:
        if values[field] == defaults[field] or tuned[field] is None:
            values[field] = tuned[field]
    return make_config(values)


def run_id(config: RunConfig, fingerprint: str) -> str:
    """Return the id of the run of `config` on the data with this fingerprint: 12 hex digits."""
    text = f"{config.canonical()}|{fingerprint}|{MODEL_VERSION}"
    if config.all_ratios:
        text += f"|{LINE_VERSION}"
    if config.architecture == "tutorial":
        text += f"|{TUTORIAL_VERSION}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def make_config(values: dict[str, Any]) -> RunConfig:
    """Return the validated config.

    Raises:
        ConfigError: a value is invalid; the message names the field.
    """
    try:
        return RunConfig(**values)
    except ValidationError as error:
        raise ConfigError("; ".join(_message(item) for item in error.errors())) from None


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
    """Return the fields that a YAML file sets.

    Raises:
        ConfigError: the file cannot be read, is too large, or has other content than
            `field: value`.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:  # a NUL, or a character that no file name has
        raise ConfigError(f"{quoted(str(path))}: is not a valid path ({error})") from None
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
    """Parse the `key=value` of a `--set` option; the value is read as a YAML scalar.

    Raises:
        ConfigError: there is no `=`, or the value is not a scalar.
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"--set {quoted(text)}: write it as key=value, e.g. epochs=20")
    try:
        parsed = _load_yaml(value)
    except (yaml.YAMLError, ValueError):
        parsed = value
    if isinstance(parsed, dict | list):
        raise ConfigError(f"--set {quoted(text)}: the value must be a number or a word")
    return key.strip(), parsed


def _chosen(options: dict[str, Any], name: Any) -> dict[str, Any]:
    """Return the option of this name; {} if there is none."""
    chosen: dict[str, Any] = options.get(name, {}) if isinstance(name, str) else {}
    return chosen


def _load_yaml(text: str) -> Any:
    """Return the content of a YAML text: a scalar, or a flat mapping or list of scalars.

    Nested values, aliases and tags are refused during parsing. A config needs none, and they could
    use up time or memory ("billion laughs") or raise any exception.
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


def _message(error: Any) -> str:
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = ", ".join(sorted(RunConfig.model_fields))
        return f"unknown field {quoted(field)}; the fields are: {known}"
    message = error["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    return f"{field}: {message} (was {quoted(error['input'])})" if field else message
