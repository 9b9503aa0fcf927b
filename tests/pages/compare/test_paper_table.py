import io

import pandas as pd
import pytest

from pages.ui.compare.paper_table import paper_table
from pages.ui.compare.units import make_units
from tests.pages.made_runs import entries, made_run

METRICS = ["rmse", "ndcg@20", "mrr"]


def units():
    made = entries(
        made_run("a", name="50% & more_x", metrics={"rmse": 0.9, "ndcg@20": 0.4}, epochs=3),
        made_run("b", metrics={"rmse": 0.8, "ndcg@20": 0.3}),
        made_run("c", metrics={"rmse": 0.6, "ndcg@20": 0.3}, seed=1),
        made_run("d", metrics={"rmse": 0.1, "ndcg@20": 0.4001}, rating_weight=0),
    )
    return make_units(made[:4])


def test_latex_is_escaped_and_has_booktabs_arrows_and_the_best_in_bold() -> None:
    assert paper_table(units(), "holdout", METRICS, "LaTeX").splitlines() == [
        r"% needs \usepackage{booktabs}",
        r"\begin{tabular}{lrr}",
        r"\toprule",
        r"Run & RMSE $\downarrow$ & NDCG@20 $\uparrow$ \\",
        r"\midrule",
        r"50\% \& more\_x & 0.900 & \textbf{0.400} \\",
        r"multi-task $\cdot$ 2 seeds & \textbf{0.700} $\pm$ \textbf{0.141} & 0.300 $\pm$ 0.000 \\",
        r"retrieval-specialised & -- & \textbf{0.400} \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        (r"a\b", r"a\textbackslash{}b"),
        ("~^", r"\textasciitilde{}\textasciicircum{}"),
        ("{}$#", r"\{\}\$\#"),
    ],
)
def test_every_special_character_of_latex_is_escaped(name: str, escaped: str) -> None:
    made = make_units(entries(made_run("a", name=name))[:1])
    assert f"\n{escaped} & " in paper_table(made, "holdout", ["rmse"], "LaTeX")


def test_markdown_has_the_same_figures() -> None:
    assert paper_table(units(), "holdout", METRICS, "Markdown").splitlines() == [
        "| Run | RMSE ↓ | NDCG@20 ↑ |",
        "| --- | ---: | ---: |",
        r"| 50% & more\_x | 0.900 | **0.400** |",
        "| multi-task · 2 seeds | **0.700 ± 0.141** | 0.300 ± 0.000 |",
        "| retrieval-specialised | – | **0.400** |",
    ]


def test_csv_has_means_deviations_and_seeds_in_full() -> None:
    table = pd.read_csv(io.StringIO(paper_table(units(), "holdout", METRICS, "CSV")))
    assert list(table) == [
        "run", "part", "seeds", "rmse", "rmse std", "ndcg@20", "ndcg@20 std",
    ]  # fmt: skip
    assert table["seeds"].tolist() == [1, 2, 1]
    assert table["rmse"][1] == pytest.approx(0.7)
    assert table["rmse std"][1] == pytest.approx(0.02**0.5)
    assert pd.isna(table["rmse"][2])  # weight 0: not trained
