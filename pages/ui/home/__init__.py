"""The Home page.

page.py          the page itself, from top to bottom
playground.py    what moves with the ratio of the weights, live while its lines are trained
instrument.py    the slider with the front and the figures, and the list, as components
front.py         what the instrument is given: lines, references, marks
blend.py         the serving blend: its places, and the metrics of all users at each
person.py        one person, and the movies they are shown
overview.py      the table of presets and baselines
charts.py        the data set: its size, its ratings, the popularity of its movies
"""
