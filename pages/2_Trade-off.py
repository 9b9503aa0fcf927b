"""Trade-off: what each task gains and loses with the ratio of the weights.

A sentence and a plot show lines of ratios, one training each, and sweeps of single trainings.
"""

import streamlit as st

from pages.ui import layout
from pages.ui.tradeoff import (
    chosen,
    inputs,
    panels,
    search,
    settings,
    shown,
    tables,
    training,
    why,
)

layout.header(
    "Trade-off",
    "What each task gains and loses with the ratio of the two loss weights, and how that depends "
    "on the vectors they share.",
)

with layout.errors():
    first, second, third, fourth = st.columns(
        [1.3, 3.7, 1.6, 0.8], gap="small", vertical_alignment="bottom"
    )
    with first:
        base = settings.choose_base()
    with second:
        inputs.choose_sharing(base)
    with fourth, st.popover("Plot", width="stretch"):
        view = inputs.choose_view(base)
    sentence = st.container()
    left, right = st.columns([2.2, 1], gap="medium")
    more = st.container()
    with more:
        words_slot = st.container()
        sweep_tab, search_tab = inputs.sweep_or_search()
    with sweep_tab:
        choices, button = st.columns([1.4, 1], gap="medium", vertical_alignment="bottom")
        with choices:
            inputs.choose_sweep()
        configs = inputs.chosen_sweep(base)
        with button:
            training.sweep_button(configs)
    with search_tab:
        search.search_or_stop(base, view)
    with third:
        if lines := inputs.chosen_lines(base):
            training.lines_button(lines)
    results = shown.find(base, inputs.chosen_sharing(base), configs, view)
    with left:
        panels.plot(results, view)
    with right:
        chosen.show(results, view)
        why.show_cosine(results)
    why.show(results.found)
    tables.tables(results, view)
    # Last, because new bootstrap intervals take a while.
    with sentence, st.spinner("Comparing the ratios …"):
        panels.say(results, view)
    with words_slot:
        panels.say_more(results, view)
