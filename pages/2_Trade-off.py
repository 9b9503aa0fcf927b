"""Trade-off: a sweep over the ratio of the weights, its front, and what the front says."""

import streamlit as st

from pages.ui import cache, layout, tradeoff_inputs, tradeoff_panels, tradeoff_settings
from pages.ui.tradeoff_rows import family, ratios

layout.header(
    "Trade-off",
    "What do the loss weights do? Train the same model at several ratios of the weights, from "
    "retrieval alone to rating alone, and see what each task gains and what it pays.",
)

with layout.errors():
    inputs, plot = st.columns([1, 2.8], gap="large")
    with inputs:
        base = tradeoff_settings.choose_base()
        configs = tradeoff_inputs.choose_sweep(base)
        tradeoff_inputs.train_or_stop(configs)
        view = tradeoff_inputs.choose_view(base)
    with plot:
        data = cache.dataset(base.data).fingerprint
        shown = {config.sharing for config in configs}
        runs = [run for run in cache.store().list() if run.config.sharing in shown]
        found = ratios(family(runs, base, data))
        tradeoff_panels.say(found, view)
        tradeoff_panels.plot(found, view)
    tradeoff_panels.chosen_run(found, view)
    tradeoff_panels.table(found, view)
