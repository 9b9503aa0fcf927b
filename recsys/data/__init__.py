"""Data sets as tables, and splits of them."""

from recsys.data.library import DATASETS, available_datasets, import_csv, load_dataset
from recsys.data.splits import Interactions, Split, make_split
from recsys.data.tables import DataError, Dataset, make_dataset

__all__ = [
    "DATASETS",
    "DataError",
    "Dataset",
    "Interactions",
    "Split",
    "available_datasets",
    "import_csv",
    "load_dataset",
    "make_dataset",
    "make_split",
]
