import pytest

from pages.ui.fetch import fetch, missing_datasets
from recsys.data.library import DATASETS
from recsys.data.tables import DataError
from tests.pages.small_lab import Lab


def test_what_is_missing_are_the_movielens_sets_not_kept_here(lab: Lab) -> None:
    missing = missing_datasets()
    assert set(missing) < set(DATASETS)
    assert lab.data not in missing


def test_refusal_of_the_child_process_is_the_same_sentence(lab: Lab) -> None:
    with pytest.raises(DataError, match="no-such-data"):
        list(fetch("no-such-data"))


def test_what_is_there_is_fetched_without_a_word(lab: Lab) -> None:
    assert list(fetch(lab.data)) == []
