"""What runs, settings, testbeds, jobs and times are called on the pages. Nothing is drawn here."""

import re
import socket
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from pages.ui.words import NOTHING, dataset_label, field_label
from recsys.config import differing_fields
from recsys.jobs.board import Job, JobState
from recsys.jobs.queue import WorkerState
from recsys.runs.names import SHARING_NAMES, config_name, sharing_name
from recsys.runs.records import Run
from recsys.runs.testbed import Testbed

MAX_FIELDS = 2  # settings in a run's label that set it apart from others of the same name
SHORT_LABELS = {"embedding_dimension": "dimension"}
# What Markdown takes for more than a letter, and what begins a list, a line or a heading.
_MARKDOWN = re.compile(r"[\\`*_\[\]$:~<>#|!&]|^[-+=]")
_LIST = re.compile(r"^(\d+)([.)])")
# Streamlit replaces these after it has read the Markdown, escaped or not: web and mail addresses,
# `:emoji:`, `:material/icon:`, `:streamlit:` and `->`. Each has a place where it is broken in two.
_JOINED = re.compile(r"\\:(?=\S)|[wW]{3}(?=\.)|@(?=\S)|[-<>~=](?=\\?[-<>=])")
_BREAK = ":gray[]"  # an element without content: it cannot be seen, and is not copied
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
WORKER_STATES = {
    WorkerState.STARTING: "is starting (a few seconds) …",
    WorkerState.READY: "is ready",
    WorkerState.BUSY: "is training",
}


def as_typed(text: str) -> str:
    """Return the Markdown that shows a text exactly as it is.

    Everything that a person or a link supplies goes through here before Streamlit shows it: a name
    may hold `*`, `_` or `:`, and an image in Markdown would make the browser fetch it. It works in
    every element and label that Streamlit reads as Markdown. Runs of white space become one space,
    and characters that cannot be seen but change what is around them become `�`.
    """
    one_line = _UNSEEN.sub("�", " ".join(text.split()))
    escaped = _LIST.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\g<0>", one_line))
    return _JOINED.sub(rf"\g<0>{_BREAK}", escaped)


def run_labels(runs: Sequence[Run]) -> dict[str, str]:
    """Return a label for each run id, all different: the user's name for it, or its preset.

    Runs of one name are set apart by the settings in which they differ, or by their id.
    """
    by_name: dict[str, list[Run]] = {}
    for run in runs:
        by_name.setdefault(_short_name(run), []).append(run)
    labels: dict[str, str] = {}
    for name, group in by_name.items():
        labels |= _set_apart(name, group)
    times = Counter(labels.values())
    return {
        run.run_id: labels[run.run_id]
        if times[labels[run.run_id]] == 1
        else f"{labels[run.run_id]} · {run.run_id[:6]}"
        for run in runs
    }


def label_testbeds(testbeds: Iterable[Testbed]) -> dict[Testbed, str]:
    """Return a label for each testbed, all different: data of the same name show a fingerprint."""
    labels = {one: one.label for one in testbeds}
    times = Counter(labels.values())
    return {
        one: label if times[label] == 1 else f"{label} · content {one.fingerprint[:6]}"
        for one, label in labels.items()
    }


def setting_text(field: str, value: object) -> str:
    """Write the value of a RunConfig field as the pages show it: of `sharing`, `own and shared`."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    if field == "sharing" and value in SHARING_NAMES:
        return sharing_name(str(value))
    return dataset_label(str(value)) if field == "data" else str(value)


def setting_words(field: str, value: object) -> str:
    """Write a RunConfig field and its value, as in `learning rate 0.01` and `tied vectors`."""
    if field == "sharing" and value in SHARING_NAMES:
        return SHARING_NAMES[str(value)]
    label = field_label(field)
    label = SHORT_LABELS.get(field, label[0].lower() + label[1:])
    return f"{label} {setting_text(field, value)}"


def when(created: str) -> str:
    """Write an ISO time as `22 Nov 2026, 02:31 UTC`."""
    return datetime.fromisoformat(created).astimezone(UTC).strftime("%-d %b %Y, %H:%M UTC")


def progress(job: Job) -> float:
    """Return the share of the epochs done, 0–1."""
    return min(len(job.records) / job.config.epochs, 1.0)


def job_words(job: Job) -> str:
    """Say in a few words how far a job is: `epoch 3 of 15 · 4 s left`."""
    if job.stopping and not job.state.done:
        return "stopping …"
    if job.state is JobState.WAITING:
        return job.phase or f"number {max(job.position, 1)} in the queue"
    if job.state is JobState.TRAINING and job.records:
        # The first epoch includes compiling the model: it says little about those to come.
        known = job.seconds_left is not None and len(job.records) > 1
        left = f" · {job.seconds_left:.0f} s left" if known else ""
        return f"epoch {len(job.records)} of {job.config.epochs}{left}{_place(job)}"
    if job.state is JobState.TRAINING:
        done = "loading the data" if job.phase == "loading" else "in the first epoch"
        return f"{done}{_place(job)}"
    return str(job.state)


def _place(job: Job) -> str:
    """Say which machine trains a job, if it is another one than the server's."""
    elsewhere = job.machine and job.machine != socket.gethostname()
    return f" · on {as_typed(job.machine)}" if elsewhere else ""


def before_words(job: Job, running: int, *, own: bool) -> str:
    """Say how many runs come before one that waits: `2 runs before yours`; "" for other jobs.

    Args:
        job: one of the queue.
        running: how many jobs are training.
        own: whether whoever reads it has asked for the job.
    """
    if job.state is not JobState.WAITING or job.stopping:
        return ""
    before = running + max(job.position, 1) - 1
    runs = f"{before} {'run' if before == 1 else 'runs'}" if before else "No run"
    return f"{runs} before {'yours' if own else 'this one'}"


def worker_words(worker: WorkerState, problem: str | None) -> str:
    """Say in Markdown what the worker does: `worker is ready`."""
    if worker is WorkerState.LOST:
        return f"worker is lost: {as_typed(problem or '')}"
    return f"worker {WORKER_STATES[worker]}"


def _short_name(run: Run) -> str:
    """Name a run in few characters: a name that is cut off says something else."""
    name = run.name or config_name(run.config)
    return name if run.status == "finished" else f"{name} · {run.status}"


def _set_apart(name: str, runs: Sequence[Run]) -> dict[str, str]:
    """Add to the name what is special about each of the runs that share it, if anything is."""
    configs = [run.config for run in runs]
    usual = {}
    for field in differing_fields(configs):
        # In a tie the oldest run's value is the usual one: the first to be counted wins.
        values = Counter(getattr(config, field) for config in reversed(configs))
        usual[field] = values.most_common(1)[0][0]
    labels = {}
    for run in runs:
        special = [field for field in usual if getattr(run.config, field) != usual[field]]
        suffix = ", ".join(setting_words(f, getattr(run.config, f)) for f in special)
        if len(special) > MAX_FIELDS:
            suffix = run.run_id[:6]
        labels[run.run_id] = f"{name} · {suffix}" if suffix else name
    return labels
