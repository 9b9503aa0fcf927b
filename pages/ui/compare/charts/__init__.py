"""The charts of the Compare page. Nothing here imports Streamlit.

board: several charts as one, so that pointing at a run highlights it in all of them
panels: which charts stand on the board, in which rows
scatter: RMSE against top-100 accuracy
curves: training curves, and the colour of each run
differences: differences to the pinned run with their intervals
groups: metrics by group of users or movies, and calibration
"""
