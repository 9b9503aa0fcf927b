import dataclasses

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import state
from pages.ui.names import as_typed
from pages.ui.recommend import rows as recommend_rows
from pages.ui.recommend.results import ListOptions, user_results
from recsys.config import make_config
from recsys.data.library import import_csv
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.evaluation.evaluate import evaluate
from recsys.jobs.board import Job, JobState
from recsys.recommend import retrieve_then_rate
from recsys.runs.records import Run
from recsys.scorer import TwoTowerScorer
from tests.pages.small_lab import Lab, OpenPage, StillQueue, make_run

PAGE = "pages/4_Recommend.py"
BESIDE = state.bound_field(state.BESIDE)
HOSTILE = "a` ![x](http://host/q)"


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.warning])


class CountingScorer:
    """A scorer that counts how often it is asked."""

    def __init__(self, scorer: TwoTowerScorer) -> None:
        self.scorer = scorer
        self.tasks = scorer.tasks
        self.asked_scores = 0
        self.rated: list[np.ndarray] = []

    def scores(self, users: np.ndarray) -> np.ndarray:
        self.asked_scores += len(users)
        return self.scorer.scores(users)

    def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        self.rated.append(movies)
        return self.scorer.ratings(users, movies)


def test_each_model_scores_a_user_once(scene: tuple[Dataset, Split, TwoTowerScorer]) -> None:
    data, split, scorer = scene
    models = [CountingScorer(scorer), CountingScorer(scorer)]
    user = int(split.holdout.users[0])
    results = user_results(data, split, user, ListOptions(10), models)
    assert [model.asked_scores for model in models] == [1, 1]
    assert len(models[1].rated) == 1  # its list; holdout and metrics are those of the first
    alone = retrieve_then_rate(scorer, split, user, 10)
    expected = recommend_rows.recommendation_rows(alone, data, split, scorer, user)
    for movies in results.lists:
        assert movies.movies == expected
    own = evaluate(scorer, split, "holdout", np.array([user]))
    assert {"rmse", "ndcg@20"} <= results.metrics.keys()  # the page shows these
    assert results.metrics.items() <= own.items()
    held = recommend_rows.holdout_rows(data, split, scorer, user)
    pd.testing.assert_frame_equal(results.holdout, held)


def test_page_asks_each_model_once_in_a_rerun(
    lab: Lab, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(PAGE, run=lab.runs[2], user="7")
    counting = CountingScorer(lab.store.scorer(lab.runs[2]))
    monkeypatch.setattr("pages.ui.cache.scorer", lambda _: counting)
    app.run()
    assert not app.exception
    assert counting.asked_scores == 1


def test_genre_filter_counts_only_held_out_movies_of_the_genre(
    lab: Lab, open_page: OpenPage, scene: tuple[Dataset, Split, TwoTowerScorer]
) -> None:
    app = open_page(PAGE, run=lab.runs[2], user="7")
    data, split, _ = scene
    held = recommend_rows.rated(split, "holdout", split.user_code("7"))[0]
    genre = data.catalogue.genre_names[0]
    of_genre = int(recommend_rows.genre_mask(data, [genre])[held].sum())
    app.multiselect(key=state.bound_field(state.GENRES)).set_value([genre]).run()
    expected = (
        f"of {of_genre}** holdout movies that pass the filters" if of_genre else "no movie of"
    )
    assert expected in texts(app)


def test_page_opens_with_a_run_and_a_user(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE)
    assert app.query_params[state.RUN] == lab.runs[2]
    assert app.query_params[state.USER]
    assert len(app.dataframe[0].value) > 0
    assert "holdout movies are among" in texts(app)


def test_link_shows_its_run_and_user(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, run=lab.runs[1], user="7")
    assert app.selectbox(key=state.RECOMMEND_RUN).value == lab.runs[1]
    assert "**User 7**" in texts(app)


def test_unknown_run_and_user_are_named_and_others_shown(open_page: OpenPage) -> None:
    app = open_page(PAGE, run="0123456789ab", user="nobody")
    assert "0123456789ab" in app.warning[0].value
    assert "no user nobody in" in app.warning[1].value
    assert app.dataframe


def test_next_user_goes_on_from_the_one_shown_in_place_of_an_unknown_one(
    open_page: OpenPage,
) -> None:
    app = open_page(PAGE, user="nobody")
    shown = app.selectbox(key=state.RECOMMEND_USER).value
    app.button(key=state.RECOMMEND_NEXT).click().run()
    assert app.query_params[state.USER] not in (["nobody"], [shown])
    assert not app.warning


def test_run_that_still_trains_is_not_called_missing(
    lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    config = lab.store.load(lab.runs[0]).config
    queue.put(Job("0123456789ab", config, JobState.TRAINING))
    assert "still training" in open_page(PAGE, run="0123456789ab").warning[0].value


def test_choosing_a_user_changes_url_and_list(open_page: OpenPage) -> None:
    app = open_page(PAGE, user="7")
    app.selectbox(key=state.RECOMMEND_USER).set_value("8").run()
    assert not app.exception
    assert app.query_params[state.USER] == "8"
    assert "**User 8**" in texts(app)


def test_random_and_examples_choose_a_user(open_page: OpenPage) -> None:
    app = open_page(PAGE, user="7")
    app.button(key=state.RECOMMEND_RANDOM).click().run()
    assert not app.exception
    app.session_state[state.RECOMMEND_EXAMPLE] = None
    pills = app.pills(key=state.RECOMMEND_EXAMPLE)
    pills.set_value("Most active").run()
    assert not app.exception
    assert "Most active" in texts(app)


def test_list_obeys_number_genre_and_seen(open_page: OpenPage) -> None:
    app = open_page(PAGE, user="7", view="table", k="10", genres="Drama")
    table = app.dataframe[0].value
    assert 0 < len(table) <= 10
    assert all("Drama" in genres for genres in table["genres"])
    app.toggle(key=state.bound_field(state.SEEN)).set_value(True).run()
    assert app.query_params[state.SEEN] == "yes"
    with_seen = app.dataframe[0].value
    assert with_seen["own"].str.startswith("seen").any()


def test_second_list_stands_beside_the_first(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, run=lab.runs[2], user="7", view="table")
    choice = app.multiselect(key=BESIDE)
    assert len(choice.options) == 4  # three other runs, most popular
    choice.set_value(["baseline:most popular"]).run()
    assert not app.exception
    assert list(app.dataframe[1].value.columns) == list(app.dataframe[0].value.columns)
    assert "holdout movies found" in texts(app)
    app.multiselect(key=BESIDE).set_value([lab.runs[0], "baseline:most popular"]).run()
    assert "**rating-specialised**" in texts(app)
    assert app.query_params[state.BESIDE] == f"{lab.runs[0]},baseline:most popular"


def test_run_on_changed_data_is_refused_in_one_line(lab: Lab, open_page: OpenPage) -> None:
    run = lab.store.load(lab.runs[2])
    scorer = lab.store.scorer(run.run_id)
    lab.store.save(dataclasses.replace(run, run_id="abcdefabcdef", fingerprint="0" * 64), scorer)
    app = open_page(PAGE, run="abcdefabcdef")
    assert "has changed" in app.error[0].value


def test_empty_lab_shows_the_popularity_baseline(empty_lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, user="7", view="table")
    assert "no finished run yet" in texts(app)
    assert "**User 7**" in texts(app)
    assert len(app.dataframe[0].value) == 20


def test_run_on_another_data_set_shows_that_one(lab: Lab, open_page: OpenPage) -> None:
    bare = lab.home / "bare.csv"
    rows = [f"u{user},film {movie},{movie % 3}" for user in range(9) for movie in range(user, 30)]
    bare.write_text("\n".join(["user_id,movie_id,rating", *rows]))
    config = make_config({"data": import_csv(bare).name})
    run, scorer = make_run(config, created="2026-02-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    app = open_page(PAGE, run=run.run_id, user="u3", view="table")
    assert "**User u3**" in texts(app)
    assert app.dataframe[0].value["title"].str.startswith("film ").all()
    assert "has no genres" in texts(app)
    app.selectbox(key=state.RECOMMEND_RUN).set_value(lab.runs[2]).run()
    assert not app.exception
    assert not app.warning  # a user id of one data set is not looked for in another


def markdown_texts(app: AppTest) -> str:
    """Return everything on the page that is rendered as Markdown, tooltips included."""
    kinds = ("markdown", "caption", "warning", "info", "error", "subheader", "metric", "tabs")
    elements = [element for kind in kinds for element in app.get(kind)]
    elements += [*app.pills, *app.button, *app.selectbox]
    fields = ("value", "label", "help", "body")
    return "\n".join(str(getattr(one, field, "")) for one in elements for field in fields)


@pytest.mark.parametrize("param", ["user", "run"])
def test_hostile_id_in_the_url_is_shown_as_typed(lab: Lab, open_page: OpenPage, param: str) -> None:
    app = open_page(PAGE, **{param: HOSTILE})
    assert as_typed(HOSTILE) in app.warning[0].value
    assert "![x]" not in app.warning[0].value


def test_hostile_run_name_is_shown_as_typed(lab: Lab, open_page: OpenPage) -> None:
    for number, run in enumerate(lab.runs):
        lab.store.rename(run, f"{HOSTILE} {number}")
    app = open_page(PAGE, run="0123456789ab")  # the warning names the run shown instead
    app.multiselect(key=BESIDE).set_value([lab.runs[0]]).run()
    assert not app.exception
    assert as_typed(HOSTILE) in markdown_texts(app)
    labels = [text for text in (e.value for e in [*app.markdown, *app.warning]) if "host" in text]
    assert labels
    assert all("![x]" not in text for text in labels)


def test_hostile_titles_genres_and_user_ids_are_shown_as_typed(
    lab: Lab, open_page: OpenPage
) -> None:
    ratings, movies = lab.home / "hostile.csv", lab.home / "hostile-movies.csv"
    users = [f"{HOSTILE} {number}" for number in range(9)]
    rows = [
        (user, movie, movie % 5 + 1)
        for number, user in enumerate(users)
        for movie in range(number, 30)
    ]
    pd.DataFrame(rows, columns=["user_id", "movie_id", "rating"]).to_csv(ratings, index=False)
    titles = [f"{HOSTILE} film {number}" for number in range(30)]
    genres = [f"{HOSTILE} {'early' if number < 15 else 'late'}" for number in range(30)]
    pd.DataFrame({"movie_id": range(30), "title": titles, "genres": genres}).to_csv(
        movies, index=False
    )
    run, scorer = make_run(
        make_config({"data": import_csv(ratings, movies=movies).name}),
        created="2026-02-01T00:00:00+00:00",
    )
    lab.store.save(run, scorer)
    app = open_page(PAGE, run=run.run_id, user=users[3])
    assert f"**User {as_typed(users[3])}**" in texts(app)
    shown = [one.value for one in [*app.markdown, *app.caption, *app.subheader, *app.warning]]
    assert any("film" in text for text in shown)
    help_text = app.pills(key=state.RECOMMEND_EXAMPLE).help
    assert as_typed(HOSTILE) in help_text  # the genre of the user with narrow taste
    assert all("![x]" not in text for text in [*shown, help_text])


def test_random_after_a_switch_of_the_run_takes_a_user_of_its_data(
    lab: Lab, open_page: OpenPage
) -> None:
    bare = lab.home / "bare.csv"
    rows = [f"u{user},film {movie},{movie % 3}" for user in range(9) for movie in range(user, 30)]
    bare.write_text("\n".join(["user_id,movie_id,rating", *rows]))
    run, scorer = make_run(
        make_config({"data": import_csv(bare).name}), created="2026-02-01T00:00:00+00:00"
    )
    lab.store.save(run, scorer)
    app = open_page(PAGE, run=lab.runs[2], user="7")
    # Both reach the server in one message, as with a fast user.
    app.selectbox(key=state.RECOMMEND_RUN).set_value(run.run_id)
    app.button(key=state.RECOMMEND_RANDOM).click().run()
    assert not app.exception
    assert not app.warning
    assert app.query_params[state.RUN] == run.run_id
    assert app.query_params[state.USER].startswith("u")


@pytest.fixture
def line_run(lab: Lab) -> Run:
    """A stored run with all ratios."""
    run, scorer = make_run(
        make_config({"data": lab.data, "all_ratios": True}), created="2026-02-01T00:00:00+00:00"
    )
    lab.store.save(run, scorer)
    return run


def listed(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["title"])


def test_link_with_a_place_on_a_line_shows_the_model_there(
    lab: Lab, open_page: OpenPage, line_run: Run, scene: tuple[Dataset, Split, TwoTowerScorer]
) -> None:
    app = open_page(PAGE, run=line_run.run_id, at="1", user="7", view="table")
    data, split, _ = scene
    model = lab.store.scorer(line_run.run_id).end
    user = split.user_code("7")
    shown = retrieve_then_rate(model, split, user, 20)
    expected = recommend_rows.recommendation_rows(shown, data, split, model, user)
    assert listed(app) == [row["title"] for row in expected]
    own = evaluate(model, split, "holdout", np.array([user]))["rmse"]
    overall = line_run.line[-1].metrics["holdout"]["rmse"]
    assert f"RMSE {own:.3f} stars (all users {overall:.3f} stars)" in texts(app)


def test_ratio_of_a_line_is_changed_on_the_page_and_kept_in_the_url(
    open_page: OpenPage, line_run: Run
) -> None:
    app = open_page(PAGE, run=line_run.run_id, at="0.9", user="7", view="table")
    ratio = app.select_slider(key=state.bound_field(state.AT))
    assert ratio.value == "0.9"
    before = listed(app)
    ratio.set_value("0.1").run()
    assert not app.exception
    assert app.query_params[state.AT] == "0.1"
    assert listed(app) != before


def test_unknown_place_on_a_line_shows_equal_weights(open_page: OpenPage, line_run: Run) -> None:
    app = open_page(PAGE, run=line_run.run_id, at="7", user="7")
    assert app.select_slider(key=state.bound_field(state.AT)).value == "0.5"


def test_models_side_by_side_are_named_with_their_ratio(
    lab: Lab, open_page: OpenPage, line_run: Run
) -> None:
    app = open_page(PAGE, run=line_run.run_id, at="0", user="7", view="table")
    app.multiselect(key=BESIDE).set_value([lab.runs[0]]).run()
    assert "**all ratios (own and shared), at 1 \\: 0.033**" in texts(app)
    assert "**rating-specialised, single training**" in texts(app)


def test_single_training_beside_a_line_says_what_it_is(
    lab: Lab, open_page: OpenPage, line_run: Run
) -> None:
    app = open_page(PAGE, run=lab.runs[2], user="7", view="table")
    app.multiselect(key=BESIDE).set_value([lab.runs[0]]).run()
    assert "**multi-task**" in texts(app)  # among single trainings there is nothing to say
    app.multiselect(key=BESIDE).set_value([line_run.run_id, lab.runs[0]]).run()
    assert not app.exception
    for name in ("multi-task, single training", "rating-specialised, single training"):
        assert f"**{as_typed(name)}**" in texts(app)
    assert f"**{as_typed('all ratios (own and shared), at 1 : 1')}**" in texts(app)


def test_single_training_has_no_choice_of_the_ratio(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, run=lab.runs[2], at="0.9", user="7")
    assert not any(one.key == state.bound_field(state.AT) for one in app.select_slider)


def test_link_says_which_list_is_explained(lab: Lab, open_page: OpenPage) -> None:
    query = {"run": lab.runs[2], "user": "7", "beside": "baseline:most popular"}
    assert "As **most popular** sees it" not in texts(open_page(PAGE, **query))
    assert "As **most popular** sees it" in texts(open_page(PAGE, **query, list="2"))
    app = open_page(PAGE, **query, list="3")
    assert "As **most popular** sees it" not in texts(app)
    assert "list “3”" in texts(app)
