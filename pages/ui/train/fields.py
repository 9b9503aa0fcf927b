"""The inputs of a RunConfig, derived from the model: kind, bounds, step and help of each field."""

import math
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from pages.ui import words
from recsys.config import MAX_IN_BATCH, WEIGHTS, RunConfig, make_config

SPLIT_FIELDS = ("split", "holdout", "validation", "split_seed")
ARCHITECTURES: tuple[str, ...] = get_args(RunConfig.model_fields["architecture"].annotation)
# What the form does not draw with the other fields of the model.
APART = {*WEIGHTS, "balancing", "sharing", "all_ratios", *SPLIT_FIELDS, "data"}
SMALLEST = 1e-6  # distance from an exclusive bound, e.g. "greater than 0"


@dataclass(frozen=True)
class FieldInput:
    """The input of one field. Bounds and step are None where they do not apply."""

    name: str
    label: str
    help: str
    kind: Literal["choice", "integer", "number", "switch", "text"]
    options: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None


def model_inputs(architecture: str, sharing: str | None = None) -> list[FieldInput]:
    """Return the inputs of the fields that this architecture has with this sharing.

    Weights, loss balancing, sharing, data and split are left out: the form draws them elsewhere.
    """
    kind = {"architecture": architecture} | ({"sharing": sharing} if sharing else {})
    defaults = make_config(kind).model_dump()
    inputs = [
        field_input(name, defaults[name])
        for name in RunConfig.model_fields
        if name not in APART and defaults[name] is not None
    ]
    if architecture == "duet":
        return inputs
    return [
        replace(item, maximum=MAX_IN_BATCH) if item.name == "batch_size" else item
        for item in inputs
    ]


def split_inputs(splits: tuple[str, ...]) -> list[FieldInput]:
    """Return the inputs of the split; `splits` are the kinds of split that the data set allows."""
    defaults = make_config({}).model_dump()
    inputs = [field_input(name, defaults[name]) for name in SPLIT_FIELDS[1:]]
    split = field_input("split", defaults["split"])
    return [FieldInput(split.name, split.label, split.help, "choice", splits), *inputs]


def architecture_fields() -> tuple[str, ...]:
    """Return the fields that only one architecture has, or whose default depends on it."""
    defaults = [make_config({"architecture": name}).model_dump() for name in ARCHITECTURES]
    return tuple(
        field
        for field in RunConfig.model_fields
        if field != "architecture" and len({values[field] for values in defaults}) > 1
    )


def field_input(name: str, default: Any) -> FieldInput:
    """Return the input of a field; the step follows the size of the default."""
    info = RunConfig.model_fields[name]
    annotation = _plain_type(info)
    label, help_ = words.field_label(name), info.description or ""
    if get_origin(annotation) is Literal:
        return FieldInput(name, label, help_, "choice", get_args(annotation))
    if annotation is bool:
        return FieldInput(name, label, help_, "switch")
    if annotation is int:
        low, high = _bounds(info, 1)
        return FieldInput(name, label, help_, "integer", (), low, high, 1)
    if annotation is float:
        step = _step(default)
        low, high = _bounds(info, step)
        return FieldInput(name, label, help_, "number", (), low, high, step)
    return FieldInput(name, label, help_, "text")


def _plain_type(info: FieldInfo) -> Any:
    """Return the annotation without `| None`."""
    if get_origin(info.annotation) is Literal:
        return info.annotation
    parts = [part for part in get_args(info.annotation) if part is not type(None)]
    return parts[0] if parts else info.annotation


def _bounds(info: FieldInfo, step: float) -> tuple[float | None, float | None]:
    low: float | None = None
    high: float | None = None
    for constraint in info.metadata:
        if (bound := getattr(constraint, "ge", None)) is not None:
            low = bound
        elif (bound := getattr(constraint, "gt", None)) is not None:
            low = bound + (step if step == 1 else SMALLEST)
        elif (bound := getattr(constraint, "le", None)) is not None:
            high = bound
        elif (bound := getattr(constraint, "lt", None)) is not None:
            high = bound - (step if step == 1 else SMALLEST)
    return low, high


def _step(default: float) -> float:
    """Return a round step below the default: 0.001 for 0.003, 0.05 for 0.1."""
    if default <= 0:
        return 0.1
    step = 10.0 ** math.floor(math.log10(default))
    return step if step < default else step / 2
