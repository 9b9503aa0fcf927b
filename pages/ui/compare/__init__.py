"""The Compare page: runs side by side.

selection: which testbed and which of its runs are shown, read from the URL
filter: runs filtered by the values of their settings
rows: runs and baselines as entries, and the rows of the tables
units: entries of one config with several seeds, compared as one
table: the table of runs, where runs are selected
actions: rename, delete, download
metrics: figures, differences and verdicts as rows
metrics_panel: the table of metrics, and the comparison with the pinned run
measures: metrics per user, groups and calibration, measured when asked and cached
details: the settings that differ, and the best epochs
epochs: the best epoch of each run against its last
paper_table: the metrics as CSV, Markdown or LaTeX
charts_panel: all charts of the page, drawn as one
charts/: the charts themselves
"""
