"""The ablations: the fields that each one changes in Duet's default config."""

from typing import Any

ABLATIONS: dict[str, dict[str, Any]] = {
    "retrieval only": {"rating_weight": 0.0},
    "rating only": {"retrieval_weight": 0.0},
    "rating only, nothing shared": {"retrieval_weight": 0.0, "sharing": "none"},
    "retrieval 4 : 1": {"retrieval_weight": 4.0},
    "rating 4 : 1": {"rating_weight": 4.0},
    "all shared": {"sharing": "all"},
    "nothing shared": {"sharing": "none"},
    "no attributes": {"attributes": False},
    "one rating member": {"rating_members": 1},
    "one rating member, as large as two": {"rating_members": 1, "rating_dimension": 40},
    "unrated movies count 0.2": {"unrated_weight": 0.2},
    "no L2 for retrieval": {"retrieval_l2": 0.0},
    "no L2 for ratings": {"rating_l2": 0.0},
    "one learning rate": {"rating_learning_rate": 0.02},
    "twice the retrieval dimension": {"embedding_dimension": 120},
    "half the retrieval dimension": {"embedding_dimension": 30},
    "uncertainty weighting": {"balancing": "uncertainty"},
    "inverse-loss weighting": {"balancing": "inverse-loss"},
    "PCGrad": {"balancing": "pcgrad"},
    "half the epochs": {"epochs": 10},
}
