"""The movie map: vectors in two dimensions, and two models in one frame.

planes.py       the plane in which vectors differ most (PCA), and one cloud turned onto another
neighbours.py   a layout that keeps neighbours together (UMAP), and how many a map keeps
"""
