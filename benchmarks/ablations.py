"""The ablations: what each row changes in Duet's default config."""

from typing import Any

ABLATIONS: dict[str, dict[str, Any]] = {
    "all shared": {"sharing": "all"},
    "nothing shared": {"sharing": "none"},
    "retrieval only": {"rating_weight": 0.0},
    "rating only": {"retrieval_weight": 0.0},
    "retrieval 4 : 1": {"retrieval_weight": 4.0},
    "rating 4 : 1": {"rating_weight": 4.0},
}
