import pytest

from pages.ui import cache
from pages.ui.movie_map.scene import Scene, load_scene
from tests.pages.small_lab import Lab


@pytest.fixture
def scene(lab: Lab) -> Scene:
    """One run's map, with another run beside it."""
    runs = cache.store().list()
    return load_scene(lab.store.load(lab.runs[2]), runs, "0.5", lab.runs[1])
