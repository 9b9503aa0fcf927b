"""The Movie map page: the catalogue in two dimensions, as one or two models see it.

scene.py        the models in view, and their data
layouts.py      where each movie lies: PCA, or UMAP once a worker is done
arranging.py    UMAP while a worker computes it
inputs.py       the choice of run, second map, layout, colour and user
colourings.py   what the movies can be coloured by
rows.py         the maps and what is marked on them as lists of numbers
components.py   the map and the list beside it in the browser
"""
