"""The Compare page, file by file.

selection: which testbed, runs and baselines are shown; the filter, and what the URL selects
choices: how they are shown: read from the URL once, with the widgets that write it
rows: entries (runs and baselines) and the rows of their tables
units: the rows of a comparison: an entry, or the runs of one config with several seeds
table: the table in which runs are selected, and the inputs above it
actions: rename, delete, download, open on the Recommend page
measures: figures per user that are computed from the trained models, and cached
metrics: values, differences and verdicts as rows
metrics_panel: the table of metrics, and the verdicts against the pinned run
paper_table: the metrics as CSV, Markdown or LaTeX
charts_panel: the rows of the charts, and the clicks on them
details: best epochs, and the settings that differ
charts: how the charts are drawn
"""
