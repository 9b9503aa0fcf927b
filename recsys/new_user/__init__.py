"""A new user: what they are asked, and their ratings. What they are shown: recsys.explanations.

scale.py        the ratings that can be given
asking.py       which movies a new user is asked about, the most telling first
ratings_csv.py  a new user's ratings as a CSV file
"""
