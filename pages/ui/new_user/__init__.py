"""The New user page: rate a few movies, and see at once what the chosen runs would show you.

scene.py     the chosen runs, as models of a new user, and their data
inputs.py    the choice of the runs, and of a place on the line of one with all ratios
taste.py     a new user's ratings, and how they are written into the URL and read from it
kept.py      where the ratings are kept: in the session, in the URL, in the browser
blending.py  the serving blend, in the URL and as a slider of the component
movies.py    movies as rows
lists.py     what each model would show, and how much the stars decide
reasons.py   why a movie is in a list, in a few words
rows.py      all that the component shows: what is asked, what is found, and the lists
board.py     the page's component; its HTML, CSS and JavaScript stand beside
files.py     ratings as a CSV file, in and out, and how to clear them
"""
