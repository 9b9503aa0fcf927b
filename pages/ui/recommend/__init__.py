"""The Recommend page: one user, their history, and the movies recommended to them.

scene.py         the run in view with its data, and the models to compare it with
inputs.py        the choice of run and user, and the options of the list
results.py       everything shown of one user, computed once for each model
panels.py        what the page draws
profile.py       who the user is, the history and the holdout
summary.py       what the lists hold, in a sentence each
serving.py       the serving blend: its slider, and what it does to all users
serving_rows.py  its curve and figures as rows
explained.py     the movie that is explained, and by which model
why.py           why a movie is recommended: the figures
why_data.py      the same in words, for the panel
board_data.py    the lists as tiles, or side by side
scatter.py       the plot of both scores, in which a box filters the list
download.py      one user's lists as a file
components.py    the board and the panel in the browser
rows.py          ratings and recommendations of a user as rows
charts.py        genres of the history and of the recommendations
"""
