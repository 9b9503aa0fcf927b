"""What the Train page shows for the settings in the form, and how that differs from them."""

from dataclasses import dataclass

from pages.ui import names, words
from pages.ui.view import View
from recsys.config import RunConfig, differing_fields, make_config
from recsys.runs.records import Run

MOST = 3  # settings named in a sentence
KIND = ("architecture", "sharing", "all_ratios")  # the defaults of other fields follow from these


@dataclass(frozen=True)
class Shown:
    """What is in view.

    Attributes:
        view: a job, a run, or a problem; empty if there is nothing yet.
        changed: what its settings have that the form has not, in words; "" if they are the form's.
    """

    view: View
    changed: str = ""


def choose_shown(
    asked: View, config: RunConfig | None, fingerprint: str | None, finished: View
) -> Shown:
    """Return what to show.

    Args:
        asked: what the URL asks for.
        config: the settings in the form; None if they are not valid.
        fingerprint: of their data set.
        finished: the job or the finished run of these settings.
    """
    same = config is not None and asked.config == config
    if same and _same_data(asked.run, fingerprint):
        return Shown(asked)
    if finished.run_id is not None:
        return Shown(finished)
    if asked.run_id is None:
        return Shown(View())
    return Shown(asked, changed_words(asked, config))


def _same_data(run: Run | None, fingerprint: str | None) -> bool:
    return run is None or run.fingerprint == fingerprint


def changed_words(view: View, config: RunConfig | None) -> str:
    """Say what differs from the form: `rating weight 1 instead of 0.3`."""
    if config is None or view.config is None:
        return "settings other than those in the form"
    fields = changed_fields(view.config, config)
    if view.config == config:
        data = names.as_typed(words.dataset_label(config.data))
        return f"ratings that have changed since: {data} is another data set today"
    parts = [_change(field, view.config, config) for field in fields[:MOST]]
    if len(fields) > MOST:
        parts.append(f"{len(fields) - MOST} more")
    return ", ".join(parts)


def changed_fields(config: RunConfig, other: RunConfig) -> list[str]:
    """Return the fields that differ, without what follows from the architecture or the sharing."""
    both = (config, other)
    usual = [
        make_config({field: getattr(one, field) for field in KIND if getattr(one, field)})
        for one in both
    ]
    values = list(zip(both, usual, strict=True))
    follows = {
        field
        for field in RunConfig.model_fields
        if field not in KIND
        and all(getattr(one, field) == getattr(own, field) for one, own in values)
    }
    missing = {f for f in RunConfig.model_fields if None in (getattr(one, f) for one in both)}
    return [field for field in differing_fields(both) if field not in follows | missing]


def _change(field: str, config: RunConfig, form: RunConfig) -> str:
    if field == "all_ratios":
        return "all ratios at once" if config.all_ratios else "one ratio only"
    said = names.setting_words(field, getattr(config, field))
    own = names.setting_text(field, getattr(form, field))
    return names.as_typed(f"{said} instead of {own}")
