"""What a run gives to other programs, labs and people.

recommendations.py   all users' top K as a Parquet or CSV file
python_code.py       a run as lines of Python
html_report.py       a run as one HTML file
html_page.py         the look and the parts of that file
svg.py               its charts
"""
