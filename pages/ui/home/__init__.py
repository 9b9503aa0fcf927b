"""The Home page.

overview.py   the table of presets and baselines
"""
