"""The Train page: choose settings, start, watch the curves.

form.py        the inputs, which together are one RunConfig
model_form.py  the inputs of the model: sharing, all ratios, architecture and its fields
data_form.py   the choice of the data set, CSV import, fetching MovieLens
fields.py      what each input looks like: kind, bounds, step and help, read from RunConfig
draw_input.py  draws one input
duration.py    how long the training will take, in words
shown.py       what is shown for the settings in the form, and how it differs from them
other.py       the result of other settings, dimmed
instrument.py  where the ratio of the sliders lies on a stored line of all ratios
line.py        the plot of a line of all ratios, stored or in training
results.py     progress of a job; a stored run
headline.py    the main metrics, and which differences are more than chance
compared.py    the choice of the run to compare with
curves.py      the curves of a run, and those of the run compared with
charts.py      draws losses and metrics by epoch
axes.py        the axes of these charts
why.py         why the weights matter: loss shares and gradients by epoch
"""
