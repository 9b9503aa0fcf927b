"""Data sets by name: sources, the stored copy, imports, and errors without a network."""

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from recsys.data import library
from recsys.data.download import NoConnectionError
from recsys.data.library import available_datasets, import_csv, load_dataset
from recsys.data.movielens import DATASETS
from recsys.data.splits import make_split
from recsys.data.tables import DataError
from recsys.home import data_folder

RATINGS = "user_id,movie_id,rating\n1,10,5\n1,20,3\n2,10,4\n"


@pytest.fixture
def csv_files(tmp_path: Path) -> Path:
    (tmp_path / "my ratings.csv").write_text(RATINGS)
    (tmp_path / "movies.csv").write_text('movie_id,title\n10,"Boot, Das (1981)"\n30,Heat\n')
    (tmp_path / "holdout.csv").write_text("user_id,movie_id,rating\n3,40,1\n")
    return tmp_path


def test_100k_comes_from_the_wheel_and_is_complete(home: Path) -> None:
    dataset = load_dataset("100k")

    assert (len(dataset.ratings), len(dataset.users), len(dataset.movies)) == (100_000, 943, 1_682)
    assert dataset.rating_scale == (1.0, 5.0)
    assert dataset.ratings["rating"].mean() == pytest.approx(3.52986)
    first = dataset.ratings.query("user_id == '196' and movie_id == '242'")
    assert first[["rating", "timestamp"]].values.tolist() == [[3.0, 881250949.0]]
    assert dataset.users.iloc[0].tolist() == ["1", 24, "M", "technician"]
    assert set("|".join(dataset.movies["genres"]).split("|")) == {
        *("", "Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary"),
        *("Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi"),
        *("Thriller", "War", "Western"),
    }


def test_second_load_reads_the_kept_copy_and_needs_no_tensorflow(home: Path) -> None:
    once = load_dataset("100k")
    program = (
        "import sys; from recsys.data import library;"
        "library.load_embedded = None;"  # calling it would fail
        "print(library.load_dataset('100k').fingerprint);"
        "sys.exit(any(name.startswith('tensorflow') for name in sys.modules))"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == once.fingerprint


def test_kept_copy_equals_what_was_loaded(home: Path) -> None:
    first, again = load_dataset("100k"), load_dataset("100k")

    for table in ("ratings", "movies", "users"):
        pd.testing.assert_frame_equal(getattr(first, table), getattr(again, table))
    assert (first.name, first.has_timestamps) == (again.name, again.has_timestamps)


@pytest.mark.parametrize("file", ["ratings.parquet", "movies.parquet", "dataset.json"])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_damaged_copy_is_loaded_again(home: Path, file: str, damage: str) -> None:
    good = load_dataset("100k")
    path = home / "data" / "100k" / file
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        half = len(content) // 2
        path.write_bytes(content[:half] + (b"" if damage == "cut" else b"?" + content[half + 1 :]))

    assert load_dataset("100k").fingerprint == good.fingerprint
    assert path.read_bytes() == content
    assert sorted(folder.name for folder in (home / "data").iterdir()) == ["100k"]


@pytest.mark.parametrize("key", ["name", "source", "fingerprint", "sha256"])
def test_description_without_a_text_is_loaded_again(home: Path, key: str) -> None:
    load_dataset("100k")
    file = data_folder() / "100k" / "dataset.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {key: None}))
    assert available_datasets() == ["100k"]
    assert len(load_dataset("100k").ratings) == 100_000


def test_leftover_of_a_crash_is_no_data_set(home: Path) -> None:
    load_dataset("100k")
    shutil.copytree(data_folder() / "100k", data_folder() / ".100k.dead.old")
    assert available_datasets() == ["100k"]


def test_damaged_import_says_what_to_do(home: Path, csv_files: Path) -> None:
    name = import_csv(csv_files / "my ratings.csv").name
    (home / "data" / name / "users.parquet").write_bytes(b"PAR1")

    with pytest.raises(DataError, match=r"users\.parquet: .*; import the CSV file again$"):
        load_dataset(name)
    assert import_csv(csv_files / "my ratings.csv").name == name
    assert len(load_dataset(name).ratings) == 3


@pytest.mark.parametrize("name", ["101k", "", "../100k", "tfds", "a/b", "x" * 200, "a\nb"])
def test_unknown_name_lists_the_data_sets(home: Path, csv_files: Path, name: str) -> None:
    imported = import_csv(csv_files / "my ratings.csv").name

    with pytest.raises(DataError) as caught:
        load_dataset(name)

    assert str(caught.value) == (
        f"there is no data set {name!r}; there are {', '.join(DATASETS)}, {imported}"
    )


def test_imported_files_are_found_by_their_name(home: Path, csv_files: Path) -> None:
    dataset = import_csv(
        csv_files / "my ratings.csv", csv_files / "movies.csv", csv_files / "holdout.csv"
    )
    again = load_dataset(dataset.name)

    assert re.fullmatch(r"my-ratings-[0-9a-f]{8}", dataset.name)
    assert dataset.name.endswith(dataset.fingerprint[:8])
    assert again.fingerprint == dataset.fingerprint
    assert again.movies["title"].tolist() == ["Das Boot (1981)", "20", "Heat", "40"]
    assert again.users["user_id"].tolist() == ["1", "2", "3"]
    assert again.holdout is not None
    assert again.holdout.values.tolist() == [["3", "40", 1.0, 0]]
    assert not again.has_timestamps
    assert len(make_split(again, kind="given", holdout=0, validation=0, seed=0).holdout) == 1
    assert available_datasets() == ["100k", dataset.name]


def test_importing_the_same_again_changes_nothing(home: Path, csv_files: Path) -> None:
    first = import_csv(csv_files / "my ratings.csv", name="Mine / 1!")
    stamp = (home / "data" / first.name / "dataset.json").stat().st_mtime_ns

    assert import_csv(csv_files / "my ratings.csv", name="Mine / 1!").name == first.name
    assert first.name.startswith("Mine-1-")
    assert (home / "data" / first.name / "dataset.json").stat().st_mtime_ns == stamp


@pytest.mark.parametrize("bad", ["my ratings.csv", "movies.csv", "holdout.csv"])
def test_malformed_file_leaves_nothing_behind(home: Path, csv_files: Path, bad: str) -> None:
    with (csv_files / bad).open("a") as file:
        file.write("7,8,9,10,11\n")

    with pytest.raises(DataError, match=rf"^{bad} line \d: has 5 fields"):
        import_csv(
            csv_files / "my ratings.csv", csv_files / "movies.csv", csv_files / "holdout.csv"
        )
    assert not home.exists()


def test_movies_of_another_catalogue_are_refused(home: Path, csv_files: Path) -> None:
    (csv_files / "movies.csv").write_text("movie_id,title\ntt010,Heat\n")

    with pytest.raises(DataError, match=r"^movies.csv: has none of the movies rated in"):
        import_csv(csv_files / "my ratings.csv", csv_files / "movies.csv")


def test_home_that_cannot_be_written_is_named(home: Path) -> None:
    home.write_text("a file, not a folder")

    with pytest.raises(DataError, match=r"cannot be written .*set RECSYS_HOME"):
        load_dataset("100k")


def test_million_ratings_are_imported_whole(home: Path, tmp_path: Path) -> None:
    lines = (f"{user},{movie},{movie % 5 + 1}" for user in range(10_000) for movie in range(100))
    (tmp_path / "million.csv").write_text("user_id,movie_id,rating\n" + "\n".join(lines))

    dataset = import_csv(tmp_path / "million.csv")

    assert (len(dataset.users), len(dataset.movies)) == (10_000, 100)
    assert len(dataset.ratings) == 1_000_000
    assert dataset.ratings["rating"].astype("int").sum() == 1_000_000 * 3  # 1 to 5, equally often


@pytest.fixture
def silent_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A proxy that accepts every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        yield


@pytest.fixture
def closed_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that refuses every connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)


def check_remedies(error: DataError, home: Path, name: str) -> None:
    message = str(error)
    assert message.startswith(f"MovieLens {name} is not on this machine, and there is no ")
    assert "embedded 100k" in message
    assert f"ml-{name}.zip" in message
    assert str(home / "data" / "tfds" / "downloads" / "manual") in message
    assert "CSV file of your own" in message
    assert "\n" not in message
    assert not (home / "data" / name).exists()
    assert (home / "data" / "tfds" / "downloads" / "manual").is_dir()


def test_no_network_names_three_remedies(home: Path, closed_proxy: None) -> None:
    with pytest.raises(NoConnectionError) as caught:
        load_dataset("1m")
    check_remedies(caught.value, home, "1m")


def test_network_that_never_answers_is_an_error(
    home: Path, silent_proxy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recsys.data.download.FIRST_ANSWER", 0.5)
    with pytest.raises(NoConnectionError) as caught:
        load_dataset("25m")
    check_remedies(caught.value, home, "25m")


def test_100k_without_the_wheel_or_a_network_says_how_to_install_it(
    home: Path, closed_proxy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "embedded_folder", lambda: None)

    with pytest.raises(NoConnectionError, match="pip install --no-deps") as caught:
        load_dataset("100k")

    check_remedies(caught.value, home, "100k")
    assert available_datasets() == []


def test_only_100k_is_embedded(home: Path) -> None:
    with pytest.raises(DataError, match="MovieLens 1m is not embedded"):
        load_dataset("1m", source="embedded")
