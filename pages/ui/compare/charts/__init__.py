"""The charts of the Compare page. Nothing here imports Streamlit.

board.py         several charts as one, so that pointing at a run highlights it in all of them
panels.py        which charts stand on the board, in which rows
scatter.py       RMSE against top-100 accuracy
curves.py        training curves, and the colour of each run
differences.py   differences to the pinned run with their intervals
groups.py        metrics by group of users or movies, and calibration
"""
