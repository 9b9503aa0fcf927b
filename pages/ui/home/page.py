"""The page: what the lab is, the presets, the data, the latest runs, links to the other pages."""

from functools import partial

import streamlit as st

from pages.ui import cache, lab, layout, live, names, near, presets, state, words
from pages.ui.home import charts
from pages.ui.home.overview import informative, overview_rows, overview_table
from pages.ui.home.playground import playground
from pages.ui.view import active_jobs, is_active
from recsys.runs.names import run_name
from recsys.runs.records import Run

LATEST = 5
OVERVIEW_SECONDS = 2.0  # from one rerun of the presets to the next, while something is trained
BELOW = 1100  # pixels that the data, the latest runs and the links take, about
RUN_WIDTH, METRIC_WIDTH = 250, 105  # pixels; a phone has room for three metrics in a line


def draw() -> None:
    """Draw the page."""
    layout.header(
        "Duet",
        "One model learns two tasks: **retrieval** (which movies will this person watch?) and "
        "**rating prediction** (how many stars will they give?). Move the weights from one task to "
        "the other.",
    )
    name = state.app_data()
    with layout.errors():
        playground(name)
        st.subheader("Three presets, on the holdout", anchor=False)
        training = bool(active_jobs(lab.jobs()))
        live.periodic(preset_overview, active=training, shortest=OVERVIEW_SECONDS)(name)
        above = cache.chosen_on(cache.default_config(name))
        other = "The playground above is measured on validation. " if above == "validation" else ""
        st.caption(
            f"Measured on the holdout: ratings that no model was trained on. {other}The best value "
            "of each column is bold. A trained model should beat the baselines. With a weight of 0 "
            "the task is not trained: its metrics are due to chance."
        )
        st.page_link(
            "pages/2_Trade-off.py",
            label="Sweep the ratio of the weights",
            icon=":material/balance:",
        )
        below(name)


@st.fragment
def below(name: str) -> None:
    """Draw the data, the latest runs and where to go next."""
    near.section(state.HOME_BELOW, BELOW, partial(_below, name))


def _below(name: str) -> None:
    with layout.errors():
        st.subheader(f"The data: {names.as_typed(words.dataset_label(name))}", anchor=False)
        data_at_a_glance(name)
        # A run stopped in its first epoch has learnt almost nothing: its metrics would mislead.
        runs = [run for run in cache.runs() if run.history][:LATEST]
        if runs:
            st.subheader("Latest runs", anchor=False)
            latest_runs(runs)
        st.subheader("Next steps", anchor=False)
        layout.ways_on()


def preset_overview(name: str) -> None:
    """Draw the table of presets and baselines, live while they train."""
    configs = presets.preset_configs(name)
    ids = {preset: cache.config_run_id(config) for preset, config in configs.items()}
    store, queue = cache.store(), lab.jobs()
    # Jobs first: a job that ends in between is then in the store, not taken for a deleted run.
    jobs = {preset: queue.job(id_) for preset, id_ in ids.items()}
    runs = {preset: store.load(id_) if id_ in store else None for preset, id_ in ids.items()}
    baselines = cache.baseline_metrics(configs["multi-task"])
    measured = {baseline: metrics["holdout"] for baseline, metrics in baselines.items()}
    overview_table(overview_rows(configs, runs, jobs, measured))
    if any(runs[preset] is None and not is_active(jobs[preset]) for preset in configs):
        st.button(
            "Train the missing presets",
            key=state.HOME_TRAIN_PRESETS,
            on_click=presets.train_presets,
            args=(name,),
        )


def data_at_a_glance(name: str) -> None:
    """Draw the size of the data set, its ratings, and how they spread over the movies."""
    data = cache.dataset(name)
    facts = charts.data_facts(data)
    layout.metric_row([layout.Metric(term, value) for term, value in facts.items()])
    left, right = st.columns(2, gap="large")
    version = data.fingerprint
    with left:
        st.markdown("**Distribution of ratings**", help="Share of all ratings by number of stars.")
        layout.chart(
            "home.ratings",
            version,
            lambda: charts.rating_chart(charts.rating_rows(data)),
            alt_text="Bar chart: share of the ratings by number of stars",
        )
    with right:
        st.markdown("**Popularity of the movies**", help=words.explain("popularity"))
        layout.chart(
            "home.popularity",
            version,
            lambda: charts.popularity_chart(
                charts.popularity_rows(data), charts.movies_for_half(data)
            ),
            alt_text="Area chart: number of ratings of each movie, most-rated first; a few movies "
            "hold most ratings",
        )


def latest_runs(runs: list[Run]) -> None:
    """List the newest runs with their main metrics and links to them.

    A row wraps on a narrow screen, so each metric stands with its name.
    """
    for run in runs:
        data = names.as_typed(words.dataset_label(run.dataset))
        label = names.as_typed(run_name(run))
        origin = f"{data} · {names.when(run.created)}"
        params = state.link_params(run=run.run_id)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{label}  \n:small[:gray[{origin}]]", width=RUN_WIDTH)
            for term in words.MAIN_METRICS:
                value = words.number(term, informative(run, term))
                st.markdown(f":small[:gray[{words.label(term)}]]  \n{value}", width=METRIC_WIDTH)
            st.page_link("pages/1_Train.py", label="Curves", query_params=params)
            st.page_link("pages/4_Recommend.py", label="Recommendations", query_params=params)
    st.caption(
        "Measured on the holdout of each run's own data: compare only runs on the same data set. "
        f"{words.NOTHING}: not measured, or the list is as long as the catalogue."
    )
