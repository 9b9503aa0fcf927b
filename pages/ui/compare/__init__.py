"""The Compare page: its data, its panels and its charts.

selection.py       which testbed, runs and baselines are shown and selected; the filter
choices.py         how they are shown: read from the URL once, with the widgets that write it
rows.py            entries (runs and baselines) and the rows of their tables
units.py           the rows of a comparison: an entry, or one config's runs of several seeds
table.py           the table in which runs are selected, and the inputs above it
actions.py         rename, delete, download, share, open on the Recommend page
share.py           runs as a bundle, a report or Python code, and the import of bundles
measures.py        figures per user that are computed from the trained models, and cached
metrics.py         values, differences and verdicts as rows
metrics_panel.py   the table of metrics, and the verdicts against the pinned run
paper_table.py     the metrics as CSV, Markdown or LaTeX
charts_panel.py    the rows of the charts, and the clicks on them
details.py         best epochs, and the settings that differ
charts/            how the charts are drawn
"""
