"""What the server spends on drawing a running job's curves again, after a new epoch on Train.

    python -m benchmarks.live

Only the page's own work counts, in CPU seconds of its thread: no browser, no worker, and not what
else runs on the machine. `benchmarks.pages` reports it.
"""

import logging
import math
from statistics import median

from streamlit.testing.v1 import AppTest

from benchmarks import results
from recsys.config import RunConfig, make_config
from recsys.runs.records import EpochRecord

LENGTHS = (20, 300, 1000)  # epochs
REDRAWS = 15
BASELINES = {
    "most popular": {"validation": {"recall@20": 0.17, "ndcg@20": 0.21, "top_k_accuracy@100": 0.4}},
    "user + movie bias": {"validation": {"rmse": 0.94}},
}


NOTE = (
    "Curves drawn again: CPU seconds of the server's thread for all curves on Train after a new "
    f"epoch; the median of {REDRAWS}."
)


def main() -> None:
    for row in measure():
        print(f"{row['what']}: {row['value']:.4f} s")


def measure() -> list[results.Row]:
    """Return the rows of the report."""
    logging.disable(logging.WARNING)  # Streamlit's, about running without a server
    return [
        {
            "what": f"curves on Train drawn again, at {epochs} epochs, CPU",
            "value": seconds_of_a_redraw(epochs),
            "unit": "s",
            "must": None,
            "goal": None,
        }
        for epochs in LENGTHS
    ]


def seconds_of_a_redraw(epochs: int) -> float:
    """Return the CPU seconds of a redraw near the end of so many epochs: the median of several."""
    config = make_config({"epochs": epochs, "balancing": "uncertainty"})
    history = [_record(epoch) for epoch in range(1, epochs + 1)]
    seconds: list[float] = []

    def page(config: "RunConfig", history: "list[EpochRecord]", seconds: list[float]) -> None:
        import time

        from benchmarks.live import BASELINES
        from pages.ui.train.curves import draw_curves

        start = time.thread_time()
        draw_curves(config, history, BASELINES)
        seconds.append(time.thread_time() - start)

    first = epochs - min(REDRAWS, epochs - 1)
    for done in range(first, epochs + 1):
        app = AppTest.from_function(
            page, kwargs={"config": config, "history": history[:done], "seconds": seconds}
        ).run(timeout=60)
        if app.exception:
            raise RuntimeError(app.exception[0].message)
    return median(seconds[1:])  # the first builds the specifications


def _record(epoch: int) -> EpochRecord:
    """Return an epoch of a training that learns less and less."""
    loss = 0.4 + 0.6 * math.exp(-epoch / 30)
    return EpochRecord(
        epoch=epoch,
        retrieval_loss=loss,
        rating_loss=loss,
        total_loss=2 * loss,
        validation_retrieval_loss=loss + 0.02,
        validation_rating_loss=loss + 0.03,
        validation_metrics={
            "rmse": 0.5 + loss,
            "recall@20": 0.4 - 0.3 * loss,
            "ndcg@20": 0.3 - 0.2 * loss,
            "top_k_accuracy@100": 0.7 - 0.3 * loss,
        },
        seconds=0.1 * epoch,
        retrieval_share=0.5,
        retrieval_gradient_norm=loss / 3,
        rating_gradient_norm=loss / 20,
        gradient_cosine=0.1 * loss,
    )


if __name__ == "__main__":
    main()
