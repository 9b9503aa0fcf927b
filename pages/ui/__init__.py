"""The pages' code. What several pages share is here; each page has a folder of its own.

state.py        query parameters and session-state keys
url_inputs.py   inputs bound to a query parameter
link_check.py   what a link asks for that a page cannot use
set_inputs.py   inputs that a page sets too
blend_places.py  the places of the serving blend: in the URL, and their names
cache.py        recsys, cached: data sets, splits, scorers, metrics
access.py       who may use the server: the names it answers to, the password
lab.py          the job queue and the searches of this server
preload.py      what a server does before anyone opens a page
server_log.py   what the server's log leaves out
layout.py       header, navigation, metric rows, charts, errors
history.py      one step of the browser's history for each thing that a person does
live.py         views that refresh while something trains
load.py         how often they do, so that the server also answers clicks
turns.py        whose turn it is: what people ask for goes before what pages do by themselves
near.py         sections that are drawn when somebody comes near them
shell.py        the HTML that a page begins as
panels.py       charts in a grid, each under its name
basis.py        what figures are measured on, in words
names.py        what runs, testbeds, jobs and times are called; text shown as typed
titles.py       the search in the titles of movies
component_files.py  components of HTML, CSS and JavaScript
words.py        the glossary: labels and tooltips
tables.py       what tables share: column titles, the best value
view.py         what `?run=` stands for: a job, a run, or a problem
run_choice.py   the choice of the run in view, and of a place on its line
user_choice.py  the users to choose from
people.py       users described in words, and example users
presets.py      the three presets and their first training
charts/         colours and chart parts that several pages share
home/           the Home page
train/          the Train page
tradeoff/       the Trade-off page
compare/        the Compare page
recommend/      the Recommend page
new_user/       the New user page
movie_map/      the Movie map page
"""
