"""The Train page: choose settings, start, watch the curves.

form.py        the inputs, which together are one RunConfig
fields.py      what each input looks like: kind, bounds, step and help, read from RunConfig
data_form.py   the choice of the data set, CSV import, fetching MovieLens
results.py     progress, curves and metrics of a run
charts.py      losses and metrics by epoch
why.py         why the weights matter: loss shares and gradients by epoch
"""
