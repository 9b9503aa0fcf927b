import pytest

from pages.ui import words
from pages.ui.train import fields
from recsys.config import SHARING, RunConfig, make_config


@pytest.mark.parametrize(
    ("architecture", "sharing"), [("tutorial", None), *(("duet", one) for one in SHARING)]
)
def test_every_config_field_has_exactly_one_input(architecture: str, sharing: str | None) -> None:
    asked = [item.name for item in fields.model_inputs(architecture, sharing)]
    asked += [item.name for item in fields.split_inputs(("random",))]
    asked += [*fields.WEIGHTS, "balancing", "data", "all_ratios"] + ["sharing"] * bool(sharing)
    kind = {"architecture": architecture} | ({"sharing": sharing} if sharing else {})
    config = make_config(kind).model_dump()
    assert sorted(asked) == sorted(name for name, value in config.items() if value is not None)


@pytest.mark.parametrize("architecture", fields.ARCHITECTURES)
def test_bounds_of_inputs_are_accepted_by_the_config(architecture: str) -> None:
    for item in fields.model_inputs(architecture):
        for bound in (item.minimum, item.maximum):
            if bound is not None:
                cast = int if item.kind == "integer" else float
                make_config({"architecture": architecture, item.name: cast(bound)})


@pytest.mark.parametrize("architecture", fields.ARCHITECTURES)
def test_every_input_has_help_and_a_default_within_bounds(architecture: str) -> None:
    defaults = make_config({"architecture": architecture}).model_dump()
    for item in fields.model_inputs(architecture):
        assert item.help
        assert item.minimum is None or item.minimum <= defaults[item.name]
        assert item.maximum is None or defaults[item.name] <= item.maximum
        assert item.step is None or item.step > 0


@pytest.mark.parametrize(
    ("default", "step"), [(0.003, 0.001), (0.1, 0.05), (0.08, 0.01), (0.0, 0.1), (2.5, 1.0)]
)
def test_step_follows_the_size_of_the_default(default: float, step: float) -> None:
    assert fields.field_input("rating_l2", default).step == pytest.approx(step)


def test_split_input_offers_only_what_the_data_allows() -> None:
    split = fields.split_inputs(("random", "time"))[0]
    assert (split.name, split.options) == ("split", ("random", "time"))


def test_architecture_fields_include_what_only_one_architecture_has() -> None:
    names = fields.architecture_fields()
    assert {"learning_rate", "epochs", "unrated_weight", "attributes"} <= set(names)
    assert not {"architecture", "seed", "retrieval_weight", "data"} & set(names)


def test_every_config_field_has_a_readable_label() -> None:
    for name in RunConfig.model_fields:
        label = words.field_label(name)
        assert label[0].isupper()
        assert "_" not in label
