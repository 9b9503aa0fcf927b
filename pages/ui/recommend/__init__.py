"""The Recommend page: one user, their history, and the movies recommended to them.

scene: a run with its data, and the models that can stand beside it
inputs: the choice of run, user and list
panels: what the page draws
rows: what a user rated and what a model recommends, as rows
people: users described in words, and example users
charts: the genres of history and list
"""
