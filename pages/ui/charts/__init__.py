"""Charts: one function computes rows, another draws them. Nothing here imports streamlit."""
