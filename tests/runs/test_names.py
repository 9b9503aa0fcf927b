"""What runs are called."""

import dataclasses
from typing import Any

import pytest

from recsys.config import SHARING, make_config
from recsys.runs.names import SHARING_NAMES, config_name, run_name, sharing_name
from tests.pages.made_runs import made_run


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "multi-task"),
        ({"rating_weight": 0.5}, "1 : 0.5"),
        ({"sharing": "tied"}, "multi-task (tied)"),
        ({"sharing": "none", "rating_weight": 0.5}, "1 : 0.5 (separate)"),
        ({"architecture": "tutorial", "balancing": "pcgrad"}, "multi-task (tutorial, pcgrad)"),
        # Lines of every way of sharing stand side by side: each says which it is.
        ({"all_ratios": True}, "all ratios (own and shared)"),
        ({"all_ratios": True, "sharing": "mapped"}, "all ratios (mapped)"),
    ],
)
def test_config_is_named_by_its_weights_and_what_is_unusual(
    values: dict[str, Any], name: str
) -> None:
    assert config_name(make_config(values)) == name


def test_every_way_of_sharing_has_a_name_of_its_own() -> None:
    names = [sharing_name(sharing) for sharing in SHARING]
    assert len(set(names)) == len(names)
    assert set(SHARING_NAMES) == {*SHARING, ""}


def test_stopped_run_says_when() -> None:
    run = made_run("a")
    assert run_name(run) == "multi-task"
    stopped = dataclasses.replace(run, status="stopped")
    assert run_name(stopped) == f"multi-task · stopped after epoch {len(run.history)}"
    assert run_name(dataclasses.replace(stopped, history=())) == (
        "multi-task · stopped in its first epoch"
    )
