import pytest

from pages.ui import words
from recsys.evaluation.metrics import METRICS


@pytest.mark.parametrize("term", [*METRICS, *words.WORDS])
def test_every_term_has_a_label_and_a_sentence(term: str) -> None:
    assert words.label(term)
    assert words.explain(term).endswith(".")
    assert "{" not in words.label(term) + words.explain(term)


def test_metric_direction_is_the_one_of_the_metric() -> None:
    assert words.word("rmse").higher_is_better is False
    assert words.word("recall@20").higher_is_better is True
    assert "lower is better" in words.explain("rmse").lower()


def test_labels_of_metrics_at_a_cut_off_name_it() -> None:
    assert words.label("top_k_accuracy@100") == "Top-100 accuracy"
    assert words.label("ndcg@20") == "NDCG@20"


def test_unknown_term_is_refused() -> None:
    with pytest.raises(KeyError, match="glossary"):
        words.word("magic")


@pytest.mark.parametrize(
    ("term", "value", "text"),
    [
        ("rmse", 0.92, "0.920 stars"),
        ("recall@20", 0.3671, "0.367"),
        ("ratings", 100_000, "100,000"),
        ("sparsity", 93.695, "93.7 %"),
        ("rmse", None, "–"),
    ],
)
def test_numbers_are_written_with_unit_and_decimals(
    term: str, value: float | None, text: str
) -> None:
    assert words.number(term, value) == text


def test_data_sets_are_called_by_their_names() -> None:
    assert words.dataset_label("100k") == "MovieLens 100K"
    assert words.dataset_label("mine-1a2b3c4d") == "mine-1a2b3c4d"
