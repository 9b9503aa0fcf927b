"""Trade-off: a sweep over the ratio of the weights, its Pareto front, and a sentence on it."""

import streamlit as st

from pages.ui import layout
from pages.ui.tradeoff import (
    inputs as tradeoff_inputs,
)
from pages.ui.tradeoff import (
    panels as tradeoff_panels,
)
from pages.ui.tradeoff import (
    search as tradeoff_search,
)
from pages.ui.tradeoff import (
    settings as tradeoff_settings,
)
from pages.ui.tradeoff import (
    shown as tradeoff_shown,
)
from pages.ui.tradeoff import (
    tables as tradeoff_tables,
)
from pages.ui.tradeoff import (
    why as tradeoff_why,
)

layout.header(
    "Trade-off",
    "What do the loss weights do? A sweep trains the same model at several ratios of the weights, "
    "from retrieval alone to rating alone, and shows what each task gains and loses. A search "
    "also varies the other settings.",
)

with layout.errors():
    inputs, plot = st.columns([1, 2.8], gap="large")
    with inputs:
        base = tradeoff_settings.choose_base()
        place = st.container()
        view = tradeoff_inputs.choose_view(base)
        with place:
            sweep, search = tradeoff_inputs.sweep_or_search()
        with sweep:
            configs = tradeoff_inputs.choose_sweep(base)
            tradeoff_inputs.train_or_stop(configs)
        with search:
            tradeoff_search.search_or_stop(base, view)
    shown = tradeoff_shown.find(base, {config.sharing for config in configs}, view)
    with plot:
        said = st.container()
        tradeoff_panels.plot(shown, view)
    tradeoff_panels.chosen_run(shown, view)
    tradeoff_why.show(shown.found)
    tradeoff_tables.tables(shown, view)
    # Last, because new bootstrap intervals take a while.
    with said, st.spinner("Comparing the ratios …"):
        tradeoff_panels.say(shown, view)
