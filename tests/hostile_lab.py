"""A lab in which every title, genre, id and name is a hostile text."""

import csv
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd

from pages.ui import presets, state
from recsys.config import make_config, run_id
from recsys.data.library import import_csv
from recsys.data.tables import Dataset
from recsys.experiment import split_for
from recsys.home import runs_folder
from recsys.runs.records import Run
from recsys.runs.store import RunStore
from tests.explanations.pooled_model import pooled_model
from tests.hostile_texts import TEXTS, marked
from tests.pages.small_lab import make_run

# All query parameters: the lower-case texts at the top of `state`, up to the widget keys.
PARAMETERS = sorted(
    {
        value
        for name, value in vars(state).items()
        if name.isupper() and isinstance(value, str) and value.isidentifier() and value.islower()
    }
    - {state.SEARCH, state.QUEUE, state.HISTORY, state.TRAIN_OTHER}
)
PAGES = {
    "": "app.py",
    "Train": "pages/1_Train.py",
    "Trade-off": "pages/2_Trade-off.py",
    "Compare": "pages/3_Compare.py",
    "Recommend": "pages/4_Recommend.py",
    "New_user": "pages/5_New_user.py",
    "Movie_map": "pages/6_Movie_map.py",
}
N_TEXTS = len(TEXTS)
RATINGS_OF_A_USER = 30


@dataclass(frozen=True)
class HostileLab:
    """The home folder, the data set, the runs of one ratio, and those of all ratios."""

    home: Path
    data: Dataset
    runs: list[Run]
    lines: list[Run]

    @property
    def texts(self) -> dict[int, set[str]]:
        """What is to be seen of each text, by its number: as it is, and as the name of a run."""
        found = {
            # A | stands between two genres.
            number: {marked(text, number), marked(text.rpartition("|")[2], number)}
            for number, text in enumerate(TEXTS)
        }
        for runs in (self.runs, self.lines):
            for number, run in enumerate(runs):
                found[number].add(run.name)
        return found


def fill(home: Path, n_runs: int) -> HostileLab:
    """Fill the lab at RECSYS_HOME, which is `home`."""
    home.mkdir(parents=True, exist_ok=True)
    data = _import(home)
    store = RunStore(runs_folder())
    config = make_config({"data": data.name, "epochs": 3})
    run, _ = make_run(config, created="2026-03-01T00:00:00+00:00")
    model = pooled_model(split_for(config, data))
    runs = []
    for seed in range(n_runs):
        changed = make_config(config.model_dump() | {"seed": seed})
        one = dataclasses.replace(
            run,
            run_id=run_id(changed, data.fingerprint),
            config=changed,
            created=f"2026-03-01T00:{seed // 60:02}:{seed % 60:02}+00:00",
            name=marked(TEXTS[seed], seed)[:80],
        )
        store.save(one, model)
        runs.append(store.load(one.run_id))
    lines = []
    for asked in presets.line_configs(data.name).values():
        line, scorer = make_run(asked, created="2026-03-02T00:00:00+00:00")
        store.save(line, scorer)
        store.rename(line.run_id, marked(f"![a]({line.config.sharing})", len(lines)))
        lines.append(store.load(line.run_id))
    return HostileLab(home, data, runs, lines)


def _import(folder: Path) -> Dataset:
    random = np.random.default_rng(0)
    ids = [marked(text, number) for number, text in enumerate(TEXTS)]
    rows = [
        (ids[user], ids[movie], int(random.integers(1, 6)), 1_000_000 + user)
        for user in range(N_TEXTS)
        for movie in random.choice(N_TEXTS, RATINGS_OF_A_USER, replace=False)
    ]
    _write(folder / "ratings.csv", ("user_id", "movie_id", "rating", "timestamp"), rows)
    # Each of these at a movie of another number, so that no two stand together.
    titles = [(id_, ids[(n + 1) % N_TEXTS], ids[(n + 2) % N_TEXTS]) for n, id_ in enumerate(ids)]
    _write(folder / "movies.csv", ("movie_id", "title", "genres"), titles)
    return import_csv(folder / "ratings.csv", movies=folder / "movies.csv")


def _write(file: Path, head: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([head, *rows])


def good_link(lab: HostileLab, page: str, number: int) -> dict[str, str]:
    """Return query parameters with which a page shows as many texts as it can."""
    runs = [lab.runs[(number + i) % len(lab.runs)].run_id for i in range(3)]
    users, movies = lab.data.users["user_id"], lab.data.movies["movie_id"]
    user, movie = (str(ids.iloc[number % len(ids)]) for ids in (users, movies))
    link = {state.RUN: runs[0], state.USER: user, state.MOVIE: movie}
    more = {
        "": {state.PERSON: user},
        "Train": {state.WITH: runs[1]},
        "Compare": {state.RUNS: ",".join(runs), state.PIN: runs[1], state.GROUP: "no"},
        "Recommend": {state.BESIDE: ",".join(runs[1:])},
        "New_user": {state.RATED: _rated(movies[:3])},
        "Movie_map": {state.OTHER: runs[1], state.COLOUR: "genre"},
    }
    return link | more.get(page, {})


def hostile_link(number: int) -> dict[str, str]:
    """Return all query parameters, each with another hostile text."""
    return {
        name: marked(TEXTS[(number + i) % N_TEXTS], (number + i) % N_TEXTS)
        for i, name in enumerate(PARAMETERS)
    }


def _rated(movies: "pd.Series[str]") -> str:
    # Within an id, what separates the ratings is escaped.
    return ",".join(f"{quote(id_, safe='')}:4" for id_ in movies)
