"""The Trade-off page: lines of ratios, sweeps of single trainings, and a search.

settings.py          the settings that a sweep starts from
inputs.py            the inputs of a sweep and of the plot
training.py          the buttons that train what is missing, progress, stop
search.py            the inputs and the progress of a search
time_left.py         how long the rest of them will take
shown.py             the runs of the store that belong to the sweep and the search, their fronts
rows.py              ratios and lines as rows of the plot, with their Pareto front
trials.py            trials of a search as rows of the plot
panels.py            the sentences and the plot
chosen.py            the chosen point beside the plot
tables.py            ratios and trials as tables
why.py               why the weights matter: loss shares and gradients by ratio
charts.py            the plot
ratio_scale.py       the axis and the colours of a ratio
labels.py            where the labels of points go
names_in_plot.py     the names of lines and ratios in the plot
reference_lines.py   lines across the plot, with their labels
ratio_charts.py      charts by the ratio of the weights
"""
