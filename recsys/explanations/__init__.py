"""Why a model recommends a movie: exact answers, because the query is a sum over the history.

person.py    a user at serving time: from their ratings to their vectors, also for a new user
parts.py     what each movie of the history adds to a score or to predicted stars
removal.py   what the list would be without some movies of the history
blended.py   a serving blend as one model, to be explained like a score
similar.py   the nearest movies in the model's own space
wishes.py    which movies, rated highest, would bring another movie into the list
"""
