"""The run store, and what makes runs comparable.

store.py      the runs in one folder: save, load, list, rename, delete, pack
names.py      what runs are called
records.py    Run and EpochRecord, and their JSON and Parquet
files.py      the five files of a run, checked against their manifest, packed into a zip
bundle.py     runs in one file for another lab; what is imported is not trusted
foreign_history.py   read the Parquet file of such a run in a process of its own
folders.py    the folders on disk
layouts.py    layouts of the movie map that were computed for runs
testbed.py    the data and the split that a run is measured on
seeds.py      runs that differ only in the seed: mean and standard deviation
durations.py  how long a training will take here, estimated from stored runs
"""
