"""The Trade-off page: a sweep over the ratio of the weights, and a search.

settings.py          the settings that a sweep starts from
inputs.py            the inputs of a sweep and of the plot
search.py            the inputs and the progress of a search
shown.py             the runs of the store that belong to the sweep and the search
rows.py              ratios as rows of the plot, with their Pareto front
trials.py            trials of a search as rows of the plot
panels.py            the sentence, the plot, the chosen run
tables.py            ratios and trials as tables
why.py               why the weights matter: loss shares and gradients by ratio
charts.py            the plot
labels.py            where the labels of points go
reference_lines.py   lines across the plot, with their labels
ratio_charts.py      charts by the ratio of the weights
"""
