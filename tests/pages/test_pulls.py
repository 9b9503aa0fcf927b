import altair as alt
import pytest

from pages.ui import pulls, words
from pages.ui.charts import pulls as charts
from recsys.config import BALANCING, make_config
from recsys.runs.records import EpochRecord
from tests.pages.made_runs import pulled_epoch

NOTHING_SHARED = EpochRecord(1, 0.5, 0.5, 1.0)


def test_share_rows_split_the_total_between_the_tasks() -> None:
    rows = charts.share_rows([EpochRecord(1, 0.9, 0.6, 2.4, retrieval_share=0.75)])
    assert [row["task"] for row in rows] == ["retrieval", "rating"]
    assert [row["share"] for row in rows] == pytest.approx([0.75, 0.25])
    assert [row["loss"] for row in rows] == pytest.approx([1.8, 0.6])


def test_log_variance_is_what_makes_the_factor() -> None:
    rows = charts.log_variance_rows([pulled_epoch(1, 1.0, 1.0, 0.0)])
    assert [row["task"] for row in rows] == ["retrieval", "rating"]
    assert [row["value"] for row in rows] == pytest.approx([-0.6931, 0.6931], abs=1e-4)


@pytest.mark.parametrize("epochs", [1, 20, 300])
@pytest.mark.parametrize("balancing", BALANCING)
@pytest.mark.parametrize(
    "history",
    [(), (NOTHING_SHARED,), (pulled_epoch(1, 3.0, 0.01, -0.9), pulled_epoch(2, 2.0, 0.02, 0.9))],
    ids=["none", "nothing shared", "two"],
)
def test_charts_are_valid_from_the_first_moment(
    history: tuple[EpochRecord, ...], balancing: str, epochs: int
) -> None:
    panels = pulls.shown(make_config({"balancing": balancing, "epochs": epochs}), history)
    for panel in panels:
        assert words.label(panel.term)
        chart = panel.draw(panel.rows, epochs)
        assert alt.Chart.from_dict(chart.to_dict()) is not None


def test_each_balancing_is_explained_and_only_what_moves_is_drawn() -> None:
    history = (pulled_epoch(1, 1.0, 1.0, 0.0),)
    always = ["loss_share", "gradient_norm", "gradient_cosine"]
    more = {"uncertainty": ["log_variance"], "inverse-loss": ["balancing_factor"]}
    for balancing in BALANCING:
        config = make_config({"balancing": balancing})
        terms = [panel.term for panel in pulls.shown(config, history)]
        assert terms == always + more.get(balancing, [])
        assert words.BALANCING[balancing].startswith(words.BALANCING_LABELS[balancing])


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (
            (pulled_epoch(1, 3.0, 1.0, 0.3), pulled_epoch(2, 1.0, 1.0, 0.1)),
            "Retrieval pulls 2.0 times as hard as rating at what they share. They agree on the "
            "whole: what helps one helps the other (mean cosine +0.20).",
        ),
        (
            (pulled_epoch(1, 1.0, 40.0, -0.5),),
            "Rating pulls 40 times as hard as retrieval at what they share. They pull apart: what "
            "helps one hurts the other (mean cosine -0.50).",
        ),
        (
            (pulled_epoch(1, 1.0, 1.1, 0.02), NOTHING_SHARED),
            "Both tasks pull about equally hard at what they share. They are at right angles: "
            "neither helps nor hinders the other (mean cosine +0.02).",
        ),
        (
            (pulled_epoch(1, 1.0, 0.0, 0.0),),
            "Only retrieval pulls at what the tasks share.",
        ),
        (
            (NOTHING_SHARED,),
            "",
        ),
    ],
)
def test_sentence(history: tuple[EpochRecord, ...], expected: str) -> None:
    assert pulls.sentence(history) == expected


def test_norms_have_a_tick_for_every_power_of_ten_between_them() -> None:
    rows = charts.norm_rows([pulled_epoch(1, 30.0, 0.02, 0.0)])
    axis = charts.norm_chart(rows, 1).to_dict()["layer"][0]["encoding"]["y"]["axis"]
    assert axis["values"] == pytest.approx([0.01, 0.1, 1.0, 10.0, 100.0])


@pytest.mark.parametrize(
    ("balancing", "cosine", "told"),
    [("pcgrad", 0.02, True), ("pcgrad", -0.4, False), ("fixed", 0.02, False)],
)
def test_pcgrad_is_said_to_be_idle_where_the_tasks_do_not_pull_apart(
    balancing: str, cosine: float, told: bool
) -> None:
    config = make_config({"balancing": balancing})
    assert bool(pulls.of_pcgrad(config, [pulled_epoch(1, 1.0, 1.0, cosine)])) == told
