import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.config import (
    DUET_ONLY,
    MAX_CONFIG_BYTES,
    PRESETS,
    SHARING,
    ConfigError,
    RunConfig,
    make_config,
    parse_assignment,
    read_config,
    run_id,
    with_all_ratios,
    with_sharing,
)

# Fields that a user of the TFRS tutorial expects.
SEED_FIELDS = {
    "embedding_dimension", "rating_weight", "retrieval_weight", "learning_rate", "epochs",
    "batch_size",
}  # fmt: skip
# A second valid value for every field.
OTHERS: dict[str, Any] = {
    "architecture": "tutorial",
    "retrieval_weight": 0.5,
    "rating_weight": 0.25,
    "embedding_dimension": 7,
    "adapt_dimension": False,
    "learning_rate": 0.002,
    "epochs": 5,
    "batch_size": 100,
    "all_ratios": True,
    "balancing": "pcgrad",
    "sharing": "none",
    "attributes": False,
    "unrated_weight": 0.4,
    "retrieval_l2": 0.001,
    "rating_dimension": 3,
    "rating_members": 3,
    "rating_learning_rate": 0.03,
    "rating_l2": 0.002,
    "seed": 7,
    "data": "1m",
    "split": "time",
    "holdout": 0.3,
    "validation": 0.2,
    "split_seed": 1,
}
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["duet", "tutorial", "all", "random", "1e3", "0.5", "nan"])
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner)
)
plausible = st.fixed_dictionaries(
    {},
    optional={
        "architecture": st.sampled_from(["duet", "tutorial"]),
        "retrieval_weight": st.floats(0, 100),
        "rating_weight": st.floats(0, 100),
        "epochs": st.integers(1, 1000),
        "learning_rate": st.floats(1e-6, 10),
        "holdout": st.floats(0, 0.999),
        "validation": st.floats(0, 0.999),
        "data": st.text(min_size=1, max_size=200),
        "balancing": st.sampled_from(["fixed", "uncertainty", "inverse-loss", "pcgrad"]),
        "sharing": st.sampled_from(SHARING),
        "all_ratios": st.booleans(),
        "seed": st.integers(0, 2**31 - 1),
    },
)


def message_of(values: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        make_config(values)
    return str(caught.value)


def assert_one_line(error: Exception) -> None:
    assert str(error).strip()
    assert len(str(error).splitlines()) == 1


def made(values: dict[str, Any]) -> RunConfig | None:
    """Return the config; None if it is refused, with a message of one line."""
    try:
        return make_config(values)
    except ConfigError as error:
        assert_one_line(error)
        return None


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(sorted(RunConfig.model_fields)) | st.text(), anything))
def test_any_values_give_a_config_or_one_line(values: dict[str, Any]) -> None:
    made(values)


@given(plausible)
def test_plausible_values_survive_and_round_trip_through_json(values: dict[str, Any]) -> None:
    config = made(values)
    if config is not None:
        assert values.items() <= config.model_dump().items()
        again = make_config(json.loads(config.canonical()))
        assert again == config
        assert again.canonical() == config.canonical()


@given(st.permutations(sorted(OTHERS.keys() - {"architecture", "all_ratios"})))
def test_run_id_does_not_depend_on_the_order_of_the_fields(order: list[str]) -> None:
    config = make_config({field: OTHERS[field] for field in order})
    same = make_config({field: OTHERS[field] for field in sorted(order)})
    assert run_id(config, "data") == run_id(same, "data")


@pytest.mark.parametrize("field", OTHERS)
def test_run_id_differs_where_a_field_does(field: str) -> None:
    config, other = make_config({}), make_config({field: OTHERS[field]})
    assert getattr(config, field) != OTHERS[field]
    assert config.canonical() != other.canonical()
    assert run_id(config, "data") != run_id(other, "data")


def test_run_id_depends_on_the_data_and_on_the_version_of_the_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = run_id(make_config({}), "data")
    assert len(first) == 12
    assert int(first, 16) >= 0
    assert run_id(make_config({}), "other data") != first
    monkeypatch.setattr("recsys.config.MODEL_VERSION", 10**6)
    assert run_id(make_config({}), "data") != first


@pytest.mark.parametrize(
    ("version", "fields"),
    [("LINE_VERSION", {"all_ratios": True}), ("TUTORIAL_VERSION", {"architecture": "tutorial"})],
)
def test_a_version_of_some_trainings_leaves_the_run_ids_of_others_as_they_are(
    monkeypatch: pytest.MonkeyPatch, version: str, fields: dict[str, object]
) -> None:
    configs = make_config(fields), make_config({})
    its_own, other = (run_id(config, "data") for config in configs)
    monkeypatch.setattr(f"recsys.config.{version}", 10**6)
    assert run_id(configs[0], "data") != its_own
    assert run_id(configs[1], "data") == other


def test_equal_numbers_of_another_type_are_the_same_run() -> None:
    values = {"retrieval_weight": 2, "epochs": 3.0, "holdout": "0.2"}
    same = {"retrieval_weight": 2.0, "epochs": 3, "holdout": 0.2}
    assert make_config(values).canonical() == make_config(same).canonical()


def test_second_values_cover_every_field() -> None:
    assert set(RunConfig.model_fields) == set(OTHERS)
    assert set(RunConfig.model_fields) >= SEED_FIELDS


def test_defaults_are_valid_and_round_trip_through_json() -> None:
    for architecture in ("duet", "tutorial"):
        config = make_config({"architecture": architecture})
        assert make_config(json.loads(json.dumps(config.model_dump()))) == config
    assert make_config({}).architecture == "duet"


def test_tutorial_brings_its_own_defaults_unless_they_are_set_too() -> None:
    config = make_config({"architecture": "tutorial"})
    assert (config.learning_rate, config.epochs, config.batch_size) == (0.1, 3, 8192)
    assert config.embedding_dimension == 32
    assert all(getattr(config, field) is None for field in DUET_ONLY)
    config = make_config({"architecture": "tutorial", "epochs": 5, "learning_rate": 0.5})
    assert (config.learning_rate, config.epochs, config.batch_size) == (0.5, 5, 8192)


def test_all_ratios_is_a_part_of_the_id_only_where_it_is_set() -> None:
    """Runs of before the field existed keep their ids."""
    config = make_config({})
    assert "all_ratios" not in config.canonical()
    assert run_id(make_config({"all_ratios": True}), "x") != run_id(config, "x")


def test_tied_sharing_brings_its_own_values_and_has_no_vectors_of_its_own() -> None:
    tied, default = make_config({"sharing": "tied"}), make_config({})
    assert tied.rating_dimension is None
    assert tied.rating_members is None
    assert tied.rating_l2 != default.rating_l2
    assert make_config({"sharing": "tied", "rating_l2": 0.01}).rating_l2 == 0.01


def test_other_sharing_takes_its_own_values_and_keeps_what_was_changed() -> None:
    default, tied = make_config({}), make_config({"sharing": "tied"})
    assert with_sharing(default, "tied") == tied
    assert with_sharing(tied, "part") == default
    changed = make_config({"epochs": 7, "rating_members": 3, "seed": 5})
    found = with_sharing(changed, "mapped")
    assert (found.epochs, found.seed, found.rating_members) == (7, 5, None)
    assert with_sharing(found, "none").rating_members == default.rating_members


def test_all_ratios_has_values_of_its_own_and_keeps_what_was_changed() -> None:
    default, weighted = make_config({}), make_config({"rating_weight": 0.2, "seed": 4})
    line = with_all_ratios(weighted)
    assert (line.rating_weight, line.all_ratios, line.seed) == (1, True, 4)
    assert line == make_config({"all_ratios": True, "seed": 4})
    assert line.epochs > default.epochs
    assert with_all_ratios(default, "tied") == make_config({"all_ratios": True, "sharing": "tied"})
    assert with_all_ratios(make_config({"epochs": 7}), "mapped").epochs == 7


def test_presets_are_the_three_of_the_lab() -> None:
    assert PRESETS == {
        "rating-specialised": (0, 1),
        "retrieval-specialised": (1, 0),
        "multi-task": (1, 1),
    }
    for name, (retrieval, rating) in PRESETS.items():
        assert make_config({"retrieval_weight": retrieval, "rating_weight": rating}).preset == name
    assert make_config({"rating_weight": 0.5}).preset is None


def test_config_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        make_config({}).epochs = 7  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"retrieval_weight": 0, "rating_weight": 0}, "both 0"),
        ({"ratng_weight": 1}, "unknown field 'ratng_weight'; the fields are: "),
        ({"epochs": 0}, "epochs: input should be greater than or equal to 1 (was 0)"),
        ({"epochs": 2.5}, "epochs: "),
        ({"learning_rate": "fast"}, "(was 'fast')"),
        ({"learning_rate": float("nan")}, "learning_rate: "),
        ({"learning_rate": float("inf")}, "learning_rate: "),
        ({"architecture": "transformer"}, "'duet' or 'tutorial'"),
        ({"architecture": ["duet"]}, "architecture: "),
        ({"holdout": 0.6, "validation": 0.4}, "leave nothing to train on"),
        ({"architecture": "tutorial", "sharing": "all"}, "sharing is only for duet"),
        ({"sharing": None}, "sharing must be set"),
        ({"architecture": "tutorial", "attributes": False}, "attributes is only for duet"),
        ({"attributes": None}, "attributes must be set"),
        ({"attributes": "some"}, "attributes: "),
        ({"unrated_weight": 0}, "unrated_weight: input should be greater than 0 (was 0)"),
        ({"rating_members": 0}, "rating_members: "),
        ({"rating_learning_rate": 0}, "rating_learning_rate: "),
        ({"sharing": "tied", "rating_members": 2}, "rating_members is not for sharing=tied"),
        ({"all_ratios": True, "architecture": "tutorial"}, "all_ratios is only for duet"),
        ({"all_ratios": True, "balancing": "pcgrad"}, "balancing must be fixed, not pcgrad"),
        ({"all_ratios": True, "rating_weight": 0.5}, "leave out the two weights"),
        ({"data": ""}, "data: "),
        ({"seed": -1}, "seed: "),
    ],
)
def test_bad_values_are_named_in_one_line(values: dict[str, Any], expected: str) -> None:
    message = message_of(values)
    assert expected in message
    assert "\n" not in message


def test_file_sets_fields(tmp_path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("epochs: 3\nlearning_rate: 1e-2 # a comment\narchitecture: tutorial\n")
    assert make_config(read_config(file)).epochs == 3
    assert make_config(read_config(file)).learning_rate == 0.01
    file.write_text("# nothing set\n")
    assert read_config(file) == {}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"epochs: 1: 2", "config.yaml line 1: not valid YAML"),
        (b"epochs: 1\n\tseed: 2", "config.yaml line 2: not valid YAML"),
        (b"a: &a [1]\nb: *a\n", "aliases"),
        (b"- epochs", "field: value"),
        (b"just words", "field: value"),
        (b"1: 2", "field: value"),
        (b"epochs: 3\n--- \nepochs: 4\n", "not valid YAML"),
        (b"!!python/object/apply:os.system ['true']", "tags"),
        (b"epochs: !!bool maybe", "tags"),
        (b"epochs: [1, 2]", "a value must be"),
        (b"\xff\xfe", "not UTF-8"),
        (b"a: \x00", "not valid YAML"),
        (b"x" * (MAX_CONFIG_BYTES + 1), "larger than"),
        (b"[" * 20_000, "a value must be"),
        (b"a: " + b"[" * 2_000 + b"]" * 2_000, "a value must be"),
        (b"a: " + b"{a: " * 10_000, "a value must be"),
        (b"epochs: " + b"9" * 5_000, "not valid YAML"),
        (b"epochs: 2026-13-45", "not valid YAML"),
    ],
)
def test_bad_file_is_named_in_one_line(content: bytes, expected: str, tmp_path) -> None:
    (tmp_path / "config.yaml").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_config(tmp_path / "config.yaml")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_is_named_in_one_line(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read \(No such file"):
        read_config(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path)


@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_file_gives_values_or_one_line(content: bytes, tmp_path_factory) -> None:
    file = tmp_path_factory.mktemp("any") / "config.yaml"
    file.write_bytes(content)
    try:
        values = read_config(file)
    except ConfigError as error:
        assert_one_line(error)
    else:
        made(values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("epochs=3", ("epochs", 3)),
        ("learning_rate=0.5", ("learning_rate", 0.5)),
        ("architecture=tutorial", ("architecture", "tutorial")),
        (" data = a=b ", ("data", "a=b")),
        ("data=", ("data", None)),
        ("data=%", ("data", "%")),
        ("data=*a", ("data", "*a")),
        ("data=!!bool maybe", ("data", "!!bool maybe")),
        ("data=2026-13-45", ("data", "2026-13-45")),
    ],
)
def test_assignment_is_read_as_a_yaml_scalar(text: str, expected: tuple[str, Any]) -> None:
    assert parse_assignment(text) == expected


@pytest.mark.parametrize("text", ["epochs", "=3", "epochs=[1]", "epochs={a: 1}", "a=- 1"])
def test_bad_assignment_is_named_in_one_line(text: str) -> None:
    with pytest.raises(ConfigError, match="--set"):
        parse_assignment(text)


@given(st.text(max_size=40))
def test_any_assignment_gives_a_value_or_one_line(text: str) -> None:
    try:
        key, value = parse_assignment(text)
    except ConfigError as error:
        assert_one_line(error)
    else:
        made({key: value})
