import pytest

from pages.ui import words
from pages.ui.charts import gradients
from pages.ui.train import why
from recsys.config import BALANCING, make_config
from recsys.runs.records import EpochRecord
from tests.pages.made_charts import check_panel
from tests.pages.made_runs import pulled_epoch

NOTHING_SHARED = EpochRecord(1, 0.5, 0.5, 1.0)


def test_share_rows_split_the_total_between_the_tasks() -> None:
    rows = gradients.share_rows([EpochRecord(1, 0.9, 0.6, 2.4, retrieval_share=0.75)])
    assert [row["task"] for row in rows] == ["retrieval", "rating"]
    assert [row["share"] for row in rows] == pytest.approx([0.75, 0.25])
    assert [row["loss"] for row in rows] == pytest.approx([1.8, 0.6])
    assert [(row["bottom"], row["top"]) for row in rows] == [(0.0, 0.75), (0.75, 1.0)]


def test_bars_of_a_long_training_are_means_of_a_few_epochs() -> None:
    records = [EpochRecord(e, 1, 1, 2.0, retrieval_share=e % 2) for e in range(1, 302)]
    rows = gradients.share_rows(records)
    assert len(rows) == 2 * 151  # of two epochs each, the last of one
    assert [row["epochs"] for row in (rows[0], rows[-1])] == ["1–2", "301"]
    assert [row["share"] for row in (rows[0], rows[-1])] == [0.5, 0.0]
    assert (rows[0]["left"], rows[0]["right"]) == (0.5, 2.5)


def test_log_variance_is_what_makes_the_factor() -> None:
    rows = gradients.log_variance_rows([pulled_epoch(1, 1.0, 1.0, 0.0)])
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
    panels = why.shown(make_config({"balancing": balancing, "epochs": epochs}), history)
    for panel in panels:
        check_panel(panel)


def test_each_balancing_is_explained_and_only_what_moves_is_drawn() -> None:
    history = (pulled_epoch(1, 1.0, 1.0, 0.0),)
    always = ["loss_share", "gradient_norm", "gradient_cosine"]
    more = {"uncertainty": ["log_variance"], "inverse-loss": ["balancing_factor"]}
    for balancing in BALANCING:
        config = make_config({"balancing": balancing})
        terms = [panel.term for panel in why.shown(config, history)]
        assert terms == always + more.get(balancing, [])
        assert words.BALANCING[balancing].startswith(words.BALANCING_LABELS[balancing])


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (
            (
                pulled_epoch(1, 9.0, 1.0, -0.9),  # an early epoch does not count
                pulled_epoch(2, 9.0, 1.0, -0.9),
                pulled_epoch(3, 3.0, 1.0, 0.3),
                pulled_epoch(4, 1.0, 1.0, 0.1),
            ),
            "On the shared embeddings the retrieval gradient is 2.0 times as large as the rating "
            "gradient. The gradients agree: a step for one task also helps the other (mean cosine "
            "of the later epochs +0.20).",
        ),
        (
            (pulled_epoch(1, 1.0, 40.0, -0.5),),
            "On the shared embeddings the rating gradient is 40 times as large as the retrieval "
            "gradient. The gradients conflict: a step for one task harms the other (mean cosine "
            "of the later epochs −0.50).",
        ),
        (
            (pulled_epoch(1, 1.0, 1.1, 0.02), NOTHING_SHARED),
            "On the shared embeddings the gradients of both tasks are about equally large. The "
            "gradients are nearly orthogonal: the tasks hardly affect each other (mean cosine "
            "of the later epochs +0.02).",
        ),
        (
            (pulled_epoch(1, 1.0, 0.0, 0.0),),
            "Only the retrieval task has a gradient on the shared embeddings.",
        ),
        (
            (NOTHING_SHARED,),
            "",
        ),
    ],
)
def test_sentence(history: tuple[EpochRecord, ...], expected: str) -> None:
    assert why.sentence(history) == expected


def test_norms_have_a_tick_for_every_power_of_ten_between_them() -> None:
    rows = gradients.norm_rows([pulled_epoch(1, 30.0, 0.02, 0.0)])
    axis = gradients.norm_chart(1, gradients.powers(rows)).to_dict()["layer"][0]["encoding"]["y"][
        "axis"
    ]
    assert axis["values"] == pytest.approx([0.01, 0.1, 1.0, 10.0, 100.0])


@pytest.mark.parametrize(
    ("cosines", "reach"), [((), 0.25), ((0.1, -0.2), 0.25), ((0.24,), 0.5), ((-0.99, 0.1), 1.0)]
)
def test_cosine_axis_reaches_beyond_the_values_in_steps(
    cosines: tuple[float, ...], reach: float
) -> None:
    history = [pulled_epoch(1 + i, 1.0, 1.0, cosine) for i, cosine in enumerate(cosines)]
    assert gradients.reach(gradients.cosine_rows(history)) == reach


@pytest.mark.parametrize(
    ("balancing", "cosine", "idle"),
    [("pcgrad", 0.02, True), ("pcgrad", -0.4, False), ("fixed", 0.02, False)],
)
def test_pcgrad_is_said_to_change_little_where_the_gradients_do_not_conflict(
    balancing: str, cosine: float, idle: bool
) -> None:
    config = make_config({"balancing": balancing})
    assert bool(why.of_pcgrad(config, [pulled_epoch(1, 1.0, 1.0, cosine)])) == idle
