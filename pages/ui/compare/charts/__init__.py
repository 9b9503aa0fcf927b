"""The charts of the Compare page.

board.py         several charts as one, with a shared selection
scatter.py       both tasks at once
curves.py        training curves of several runs, and the colours of runs
differences.py   differences to the pinned run with their intervals
groups.py        calibration, and metrics over groups of users or movies
"""
