import numpy as np
import pytest

from recsys.runs.store import RunStore
from tests.runs.stored_runs import RUN_ID, saved_store

KEY = "0123456789abcdef"
PLACES = np.array([[1, 2], [3.5, -4]], np.float32)


@pytest.fixture
def store(tmp_path) -> RunStore:
    return saved_store(tmp_path / "runs")


def test_saved_layout_is_read_as_it_was(store) -> None:
    store.layouts.save(RUN_ID, KEY, PLACES)
    np.testing.assert_array_equal(store.layouts.load(RUN_ID, KEY), PLACES)
    assert RunStore(store.folder).layouts.load(RUN_ID, KEY) is not None


def test_unknown_layout_is_none(store) -> None:
    assert store.layouts.load(RUN_ID, KEY) is None


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: b"x" + content])
def test_damaged_layout_is_none(store, damage) -> None:
    store.layouts.save(RUN_ID, KEY, PLACES)
    (file,) = (store.folder / "layouts" / RUN_ID).iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert store.layouts.load(RUN_ID, KEY) is None


def test_flipped_bit_is_noticed(store) -> None:
    store.layouts.save(RUN_ID, KEY, PLACES)
    (file,) = (store.folder / "layouts" / RUN_ID).iterdir()
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert store.layouts.load(RUN_ID, KEY) is None


def test_key_that_would_leave_the_folder_is_refused(store) -> None:
    with pytest.raises(ValueError, match="key"):
        store.layouts.load(RUN_ID, "../../config.json")


def test_layouts_are_no_run_and_go_with_their_run(store) -> None:
    before = [run.run_id for run in store.list()]
    store.layouts.save(RUN_ID, KEY, PLACES)
    assert [run.run_id for run in store.list()] == before
    assert store.damaged() == []
    store.delete(RUN_ID)
    assert not (store.folder / "layouts" / RUN_ID).exists()
