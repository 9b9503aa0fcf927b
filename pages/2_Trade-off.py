"""Trade-off: a sweep over the ratio of the weights, its Pareto front, and a sentence on it."""

import streamlit as st

from pages.ui import layout
from pages.ui.tradeoff import inputs, panels, search, settings, shown, tables, why

layout.header(
    "Trade-off",
    "A sweep trains the same model at several ratios of the two loss weights, from retrieval alone "
    "to rating alone, and shows what each task gains and loses. A search also varies other "
    "settings.",
)

with layout.errors():
    left, right = st.columns([1, 2.8], gap="large")
    with left:
        base = settings.choose_base()
        tabs = st.container()
        view = inputs.choose_view(base)
        with tabs:
            sweep_tab, search_tab = inputs.sweep_or_search()
        with sweep_tab:
            configs = inputs.choose_sweep(base)
            inputs.train_or_stop(configs)
        with search_tab:
            search.search_or_stop(base, view)
    results = shown.find(base, {config.sharing for config in configs}, view)
    with right:
        sentence = st.container()
        panels.plot(results, view)
    panels.chosen_run(results, view)
    why.show(results.found)
    tables.tables(results, view)
    # Last, because new bootstrap intervals take a while.
    with sentence, st.spinner("Comparing the ratios …"):
        panels.say(results, view)
