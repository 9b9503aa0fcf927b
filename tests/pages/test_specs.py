"""Specifications of charts: built once per version, and nobody's changes reach the next one."""

from typing import Any

import pytest

from pages.ui.charts import specs


class Chart:
    """Two rows, and how often it was built."""

    def __init__(self) -> None:
        self.times = 0

    def to_dict(self, validate: bool = True) -> dict[str, Any]:
        """Return a specification."""
        self.times += 1
        return {"mark": "point", "layer": [{"at": 1}], "datasets": {"rows": [{"x": 1}, {"x": 2}]}}


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    new: dict[Any, Any] = {}
    monkeypatch.setattr(specs, "_kept", new)
    return new


def test_a_chart_is_built_once_per_key_and_version() -> None:
    chart = Chart()
    for key, version in (("a", [1, {"x": [2]}]), ("a", [1, {"x": [2]}]), ("a", 2), ("b", 2)):
        specs.built(key, version, lambda: chart)
    assert chart.times == 3


def test_rows_become_arrow_tables() -> None:
    table = specs.built("a", 1, Chart)["datasets"]["rows"]
    assert table.to_pylist() == [{"x": 1}, {"x": 2}]


def test_who_changes_a_specification_changes_no_other() -> None:
    first = specs.built("a", 1, Chart)
    first["mark"] = "bar"
    first["layer"][0]["at"] = 5
    first["datasets"].clear()
    again = specs.built("a", 1, Chart)
    assert (again["mark"], again["layer"], list(again["datasets"])) == (
        "point",
        [{"at": 1}],
        ["rows"],
    )


def test_the_one_that_was_not_asked_for_longest_goes_first(
    monkeypatch: pytest.MonkeyPatch, kept: dict[Any, Any]
) -> None:
    monkeypatch.setattr(specs, "MOST", 2)
    for version in (1, 2, 1, 3):
        specs.built("a", version, Chart)
    assert list(kept) == [("a", 1), ("a", 3)]
