"""What charts of several pages share. Nothing here imports Streamlit.

theme.py       colours, sizes, axes
gradients.py   loss shares, gradient norms and their cosine
thin.py        long curves with fewer points
"""
