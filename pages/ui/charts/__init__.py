"""What charts of several pages share. Nothing here imports Streamlit.

theme.py       colours, sizes, axes
gradients.py   loss shares, gradient norms and their cosine
specs.py       specifications of charts, built once
thin.py        long curves with fewer points
"""
