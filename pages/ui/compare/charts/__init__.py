"""The charts of the Compare page.

board: several charts as one, with a shared selection
scatter: both tasks at once
curves: training curves of several runs, and the colours of runs
differences: differences to the pinned run with their intervals
groups: calibration, and metrics over groups of users or movies
"""
