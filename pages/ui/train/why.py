"""How the two tasks share the training: charts of their losses and gradients, and a sentence."""

from collections.abc import Sequence
from statistics import mean

import streamlit as st

from pages.ui import words
from pages.ui.charts import gradients
from pages.ui.panels import Panel, draw_panels
from recsys.config import RunConfig
from recsys.runs.records import EpochRecord

RELATED = 0.1  # with a cosine nearer to 0 the gradients neither agree nor conflict


def show(config: RunConfig, history: Sequence[EpochRecord]) -> None:
    """Draw how much each task weighs in the training, epoch by epoch. Both weights are set."""
    st.markdown("#### How the tasks share the training")
    if config.sharing == "none":
        st.markdown("The tasks share no embeddings, so they do not affect each other.")
    elif text := sentence(history):
        st.markdown(text + of_pcgrad(config, history))
    if config.balancing != "fixed":
        st.caption(words.BALANCING[config.balancing])
    if config.architecture == "tutorial":
        st.caption(
            "The tutorial sums its retrieval loss over the batch and takes the mean of its rating "
            "loss, so retrieval has nearly the whole share."
        )
    draw_panels("pulls", shown(config, history))


def shown(config: RunConfig, history: Sequence[EpochRecord]) -> list[Panel]:
    """Return the charts that have something to show."""
    epochs = config.epochs
    panels = [
        Panel(
            "loss_share",
            gradients.share_rows(history),
            gradients.share_chart,
            (epochs,),
            "Stacked bars: each task's share of the weighted total loss, per epoch",
        )
    ]
    if cosines := gradients.cosine_rows(history):
        norms = gradients.norm_rows(history)
        panels += [
            Panel(
                "gradient_norm",
                norms,
                gradients.norm_chart,
                (epochs, gradients.powers(norms)),
                "Line chart: each task's gradient norm on the shared embeddings, per epoch",
            ),
            Panel(
                "gradient_cosine",
                cosines,
                gradients.cosine_chart,
                (epochs, gradients.reach(cosines)),
                "Line chart: cosine of the tasks' gradients per epoch; below 0 they conflict",
            ),
        ]
    if config.balancing == "uncertainty":
        panels.append(
            Panel(
                "log_variance",
                gradients.log_variance_rows(history),
                gradients.log_variance_chart,
                (epochs,),
                "Line chart: the learnt log-variance of each task, per epoch",
            )
        )
    if config.balancing == "inverse-loss":
        factors = gradients.factor_rows(history)
        panels.append(
            Panel(
                "balancing_factor",
                factors,
                gradients.factor_chart,
                (epochs, gradients.powers(factors)),
                "Line chart: what each weight was multiplied by, per epoch",
            )
        )
    return panels


def sentence(history: Sequence[EpochRecord]) -> str:
    """Compare the tasks' gradients, averaged over the later half; "" if they are not known.

    In the first epochs the gradients of all models agree: both tasks learn what is popular.
    """
    fields = ("retrieval_gradient_norm", "rating_gradient_norm", "gradient_cosine")
    known = [[getattr(record, field) for field in fields] for record in history]
    known = [values for values in known if None not in values]
    if not known:
        return ""
    later = known[len(known) // 2 :]
    retrieval, rating, cosine = (mean(values) for values in zip(*later, strict=True))
    if not retrieval or not rating:
        task = "rating" if rating else "retrieval"
        return f"Only the {task} task has a gradient on the shared embeddings."
    return f"{_norms(retrieval, rating)} {_direction(cosine)}"


def of_pcgrad(config: RunConfig, history: Sequence[EpochRecord]) -> str:
    """Say that PCGrad changes little, where that is so; "" otherwise."""
    cosines = [r.gradient_cosine for r in history if r.gradient_cosine is not None]
    later = cosines[len(cosines) // 2 :]
    if config.balancing != "pcgrad" or not later or mean(later) < -RELATED:
        return ""
    return " So PCGrad changes little."


def _norms(retrieval: float, rating: float) -> str:
    (larger, most), (smaller, least) = sorted(
        [("retrieval", retrieval), ("rating", rating)], key=lambda task: -task[1]
    )
    times = most / least
    if times < 1.25:
        return "On the shared embeddings the gradients of both tasks are about equally large."
    factor = f"{times:.1f}" if times < 10 else f"{times:,.0f}"
    return (
        f"On the shared embeddings the {larger} gradient is {factor} times as large as the "
        f"{smaller} gradient."
    )


def _direction(cosine: float) -> str:
    value = f"(mean cosine of the later epochs {words.signed(cosine, 2)})"
    if cosine > RELATED:
        return f"The gradients agree: a step for one task also helps the other {value}."
    if cosine < -RELATED:
        return f"The gradients conflict: a step for one task harms the other {value}."
    return f"The gradients are nearly orthogonal: the tasks hardly affect each other {value}."
