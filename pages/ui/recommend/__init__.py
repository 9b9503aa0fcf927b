"""The Recommend page: one user, their history, and the movies recommended to them.

scene.py    a run with its data, and the models that can stand beside it
inputs.py   the choice of run, user and list
panels.py   what the page draws
rows.py     what a user rated and what a model recommends, as rows
people.py   users described in words, and example users
charts.py   the genres of history and list
"""
