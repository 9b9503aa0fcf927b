"""The Compare page: runs side by side.

selection.py       which testbed and which of its runs are shown, read from the URL
filter.py          runs filtered by the values of their settings
rows.py            runs and baselines as entries, and the rows of the tables
units.py           entries of one config with several seeds, compared as one
table.py           the table of runs, where runs are selected
actions.py         rename, delete, download
metrics.py         figures, differences and verdicts as rows
metrics_panel.py   the table of metrics, and the comparison with the pinned run
measures.py        metrics per user, groups and calibration, measured when asked and cached
details.py         the settings that differ, and the best epochs
epochs.py          the best epoch of each run against its last
paper_table.py     the metrics as CSV, Markdown or LaTeX
charts_panel.py    all charts of the page, drawn as one
charts/            the charts themselves
"""
