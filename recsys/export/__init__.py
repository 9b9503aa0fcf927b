"""What a run gives to other programs, labs and people.

recommendations.py   all users' top K as a Parquet or CSV file
python_code.py       a run as lines of Python
"""
