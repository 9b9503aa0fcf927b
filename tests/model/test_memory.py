"""The memory that a training is said to need, and the sentence that refuses it."""

import pytest

from recsys.config import make_config
from recsys.memory import TooLargeError
from recsys.model.memory import (
    PROCESS_BYTES,
    Sizes,
    needed_bytes,
    refuse_too_large,
    scorer_bytes,
)
from tests.synthetic import planted_dataset

SMALL = Sizes(943, 1_682, 100_000)
MANY_USERS = Sizes(1_260_000, 500_000, 2_000_000)


@pytest.mark.parametrize(
    ("fields", "larger"),
    [
        ({}, {"rating_members": 8}),
        ({}, {"rating_dimension": 64}),
        ({}, {"embedding_dimension": 512}),
        ({}, {"batch_size": 80_000}),
        ({"sharing": "none"}, {"sharing": "part"}),
        ({"validation": 0.0}, {"validation": 0.1}),
        ({"sharing": "tied"}, {"all_ratios": True}),
        ({"architecture": "tutorial"}, {"batch_size": 16_384}),
        ({"architecture": "tutorial"}, {"embedding_dimension": 512}),
    ],
)
def test_larger_settings_need_more(fields: dict, larger: dict) -> None:
    less, more = make_config(fields), make_config(fields | larger)
    assert needed_bytes(less, SMALL) < needed_bytes(more, SMALL)


@pytest.mark.parametrize("sharing", ["tied", "all", "none"])
@pytest.mark.parametrize("field", Sizes._fields)
def test_larger_data_need_more(sharing: str, field: str) -> None:
    config = make_config({"sharing": sharing})
    more = SMALL._replace(**{field: 100 * getattr(SMALL, field)})
    assert needed_bytes(config, SMALL) < needed_bytes(config, more)


def test_what_fits_is_not_refused() -> None:
    config = make_config({})
    refuse_too_large(config, SMALL, PROCESS_BYTES + needed_bytes(config, SMALL))


def test_refusal_says_what_needs_how_much_what_there_is_and_what_to_lower() -> None:
    config = make_config(
        {"embedding_dimension": 512, "rating_members": 64, "rating_dimension": 512}
    )
    with pytest.raises(TooLargeError) as refused:
        refuse_too_large(config, SMALL, 4e9)
    assert str(refused.value) == (
        "this training needs about 17 GB of memory for 943 users, 1,682 movies and 100,000 "
        "ratings, and 4.0 GB are there: lower rating_members or rating_dimension or batch_size"
    )


@pytest.mark.parametrize(
    ("fields", "sizes", "advice"),
    [
        ({"embedding_dimension": 512}, Sizes(2_000, 300_000, 600_000), "lower embedding_dimension"),
        (
            {"architecture": "tutorial", "batch_size": 16_384},
            Sizes(200_000, 100_000, 2_000_000),
            "lower batch_size",
        ),
        ({"rating_members": 4}, MANY_USERS, "or use sharing=tied, which needs no vectors per user"),
        ({"sharing": "tied"}, Sizes(9_000, 9_000, 90_000_000), "use fewer ratings"),
    ],
)
def test_advice_is_what_helps(fields: dict, sizes: Sizes, advice: str) -> None:
    with pytest.raises(TooLargeError, match=advice):
        refuse_too_large(make_config(fields), sizes, 1e9)


def test_scorer_is_as_large_as_its_arrays() -> None:
    config = make_config({"adapt_dimension": False})
    # query [users, 60 + 40 + 60], candidate and two histories [movies, as wide], float32
    assert scorer_bytes(config, SMALL) == 4 * (943 * 160 + 1_682 * 3 * 160)
    alone = make_config({"adapt_dimension": False, "sharing": "none"})
    assert scorer_bytes(alone, SMALL) == 4 * (943 * 100 + 1_682 * 300)


def test_dimension_counts_as_the_largest_that_the_data_may_ask_for() -> None:
    asked, most = (make_config({"embedding_dimension": n, "sharing": "none"}) for n in (60, 150))
    assert scorer_bytes(asked, SMALL) == scorer_bytes(most, SMALL)


def test_sizes_are_those_of_the_data_set() -> None:
    data = planted_dataset()
    assert Sizes.of(data) == (len(data.users), len(data.movies), len(data.ratings))
