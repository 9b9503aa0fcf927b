"""Write RESULTS.md from the JSON files of the benchmarks. Nothing is measured here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from benchmarks import results
from benchmarks.aims import aim_rows, difference_to, judged
from benchmarks.markdown import digits, plain, table
from benchmarks.measure import SHOWN
from benchmarks.quality import result_name
from benchmarks.systems import DUET, TUNED, tuned_file
from benchmarks.testbeds import TESTBEDS
from benchmarks.verdicts import summary, verdict_rows
from recsys.evaluation.metrics import METRICS

HERE = Path(__file__).parent
Content = dict[str, Any]

METRIC_COLUMNS = {name: METRICS[name].label for name in SHOWN}
DIFFERENCE_COLUMNS = {
    "minus rmse": "Duet − other: RMSE (negative: Duet is better)",
    "minus ndcg@20": "Duet − other: NDCG@20 (positive: Duet is better)",
}
BOUNDS = {"must": "required", "goal": "desired"}  # of a figure, with their headings
FIT_BOUNDS = {"required": "≤ 15", "desired": "≤ 5"}  # seconds
FORMATS = {name: digits(4) for name in SHOWN} | {"fit_seconds": digits(2), "peak_mb": digits(0)}


def write(file: Path = HERE / "RESULTS.md", folder: Path = results.FOLDER) -> None:
    """Write the whole report from the JSON files of `folder`."""
    file.write_text(render(folder, TUNED, HERE / "notes.md"))


def render(folder: Path, tuned: Path, notes: Path) -> str:
    """Return the report. A section whose JSON file is missing says so."""
    found = {name: results.load(name, folder) for _, name, _ in SECTIONS}
    elsewhere = {name: results.load(result_name(name), folder) for name in TESTBEDS}
    measured = {name: content for name, content in elsewhere.items() if content}
    files = found | {result_name(name): content for name, content in measured.items()}
    parts = [
        "# Results",
        "`make bench` writes this file from its measurements. Only the last section is written by "
        "hand.",
        *_machines(files),
    ]
    for title, name, section in SECTIONS:
        parts.append(f"## {title}")
        content = found[name]
        parts.append(section(content) if content else f"Not measured: there is no {name}.json.")
        if title == "Quality":
            parts += _elsewhere(measured)
    parts += ["## How the other systems were tuned", _tuning(tuned)]
    parts += ["## What was tried, and what it gave"]
    parts += [notes.read_text().strip() if notes.exists() else "No notes yet."]
    return "\n\n".join(parts) + "\n"


def _aims(quality: Content) -> str:
    columns = {
        "figure": "mean over the splits",
        "duet": "Duet",
        **BOUNDS,
        "other": "best other system",
        "difference": "Duet − best other [95 % interval]",
    }
    rows = aim_rows(quality["rows"], quality["differences"])
    return table(rows, columns, {"duet": digits(4)}) if rows else "Duet was not measured."


def _quality(quality: Content) -> str:
    columns = {"system": "system", "from": "from"} | METRIC_COLUMNS | DIFFERENCE_COLUMNS
    return _with_differences(quality, "system", columns)


def _elsewhere(measured: dict[str, Content]) -> list[str]:
    """Return the sections of the testbeds that nothing of Duet's defaults was chosen on."""
    rows = verdict_rows(measured)
    columns = {
        "data": "data",
        "metric": "metric",
        "duet": "Duet",
        "other": "best other system",
        "difference": "Duet − best other [95 % interval]",
        "verdict": "Duet is",
    }
    parts = ["## Ahead, level or behind", f"{summary(rows)}\n\n{table(rows, columns)}"]
    for name, content in measured.items():
        if name != "100k":
            parts += [f"## Quality on {TESTBEDS[name].title}", _quality(content)]
    return parts


def _ablations(ablations: Content) -> str:
    columns = {"row": "row", "changed": "changed"} | METRIC_COLUMNS
    columns |= DIFFERENCE_COLUMNS
    return _with_differences(ablations, "row", columns)


def _with_differences(content: Content, key: str, columns: dict[str, str]) -> str:
    rows = [
        row
        | {
            f"minus {metric}": difference_to(row[key], metric, content["differences"])
            for metric in ("rmse", "ndcg@20")
        }
        for row in content["rows"]
    ]
    splits = f"80/20, means over the splits with seeds {plain(content['splits'])}."
    return "\n\n".join([splits, table(rows, columns, FORMATS), *content["notes"]])


def _cost(fits: Content) -> str:
    columns = {"system": "system", "fit_seconds": "fit, s", "peak_mb": "peak memory, MB"}
    seconds = {row["system"]: row["fit_seconds"] for row in fits["rows"]}
    verdict = ""
    if DUET in seconds:
        aims = [f"{judged(bound, seconds[DUET])} ({name})" for name, bound in FIT_BOUNDS.items()]
        verdict = f"Duet's fit, in seconds: {', '.join(aims)}."
    return "\n\n".join([table(fits["rows"], columns, FORMATS), verdict, *fits["notes"]])


def _generic(content: Content) -> str:
    rows = [
        row | {bound: judged(row[bound], row["value"]) for bound in BOUNDS if row.get(bound)}
        for row in content["rows"]
    ]
    notes = [f"- {note}" for note in content["notes"]]
    columns = {key: BOUNDS.get(key, key) for row in rows for key in row}
    return "\n\n".join(filter(None, [table(rows, columns), "\n".join(notes)]))


def _protocols(content: Content) -> str:
    columns = {
        "protocol": "protocol",
        "system": "system",
        "figures": "figures",
        "accuracy": "accuracy",
        "rmse": "RMSE",
    }
    formats = {"accuracy": digits(3), "rmse": digits(3)}
    splits = f"Measured here: means over the splits with seeds {plain(content['splits'])}."
    return "\n\n".join([*content["notes"], splits, table(content["rows"], columns, formats)])


def _machines(found: dict[str, Content | None]) -> list[str]:
    """Return a paragraph for each machine, with what was measured there, by commit and day."""
    measured: dict[str, dict[str, list[str]]] = {}
    for name, content in found.items():
        if content:
            commits = measured.setdefault(_machine(content["machine"]), {})
            state = f"commit {content['commit'] or 'unknown'}, {content['day']}"
            commits.setdefault(state, []).append(name)
    return [
        "\n".join([machine, "", *(f"- {state}: {', '.join(names)}" for state, names in by.items())])
        for machine, by in measured.items()
    ]


def _machine(machine: Content) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return (
        f"Machine: {machine['cores']} cores, {machine['memory_gb']} GB, {machine['cpu']}, "
        f"{machine['platform']}. Python {machine['python']}, {versions}."
    )


def _tuning(folder: Path) -> str:
    parts = [
        "For each system, every combination of a grid was tried on validation ratings, and the "
        "best mean was chosen. Random splits: two, with the seeds 1000 and 1001; 80 % train, 10 % "
        "validation, 10 % unused. Splits by time: validation is the newest eighth of what is not "
        "held out. For BPR, iALS, BaselineOnly, KNNBaseline, SVD and SVD++ the grid is the second "
        "or third one: a wider one, on the validation ratings of ML-100K, showed where the best "
        "region lies. `tuned/` and the tables hold the last grid only."
    ]
    for name, testbed in TESTBEDS.items():
        file = tuned_file(name, folder)
        if file.exists():
            parts += [f"### {testbed.title}", _tuned_table(yaml.safe_load(file.read_text()))]
    return "\n\n".join(parts)


def _tuned_table(tuned: Content) -> str:
    rows = [
        {
            "system": name,
            "chosen": ", ".join(f"{key} {value}" for key, value in one["chosen"].items()),
            "tried": len(one["tried"]),
            "metric": METRICS[one["metric"]].label,
        }
        | dict(zip(("worst", "best"), _worst_and_best(one), strict=True))
        for name, one in tuned.items()
    ]
    columns = {
        "system": "system",
        "chosen": "chosen",
        "tried": "combinations tried",
        "metric": "chosen for",
        "best": "validation figure",
        "worst": "worst validation figure",
    }
    return table(rows, columns, {"best": digits(4), "worst": digits(4)})


def _worst_and_best(tuned: Content) -> tuple[float, float]:
    metric = tuned["metric"]
    figures: list[float] = sorted(point[metric] for point in tuned["tried"])
    if METRICS[metric].higher_is_better:
        return figures[0], figures[-1]
    return figures[-1], figures[0]


SECTIONS: tuple[tuple[str, str, Callable[[Content], str]], ...] = (
    ("Targets", "quality", _aims),
    ("Quality", "quality", _quality),
    ("Time and memory", "fits", _cost),
    ("Ablations", "ablations", _ablations),
    ("Under the protocols of the two examples", "protocols", _protocols),
    ("All ratios in one training", "fronts", _generic),
    ("Explanations", "explanations", _generic),
    ("Speed", "speed", _generic),
    ("A training from the command line", "end_to_end", _generic),
    ("Beside the code before trainings shared their graph", "earlier", _generic),
    ("Pages", "pages", _generic),
    ("Controls, and many stored runs", "controls", _generic),
    ("Playground", "playground", _generic),
    ("Pages on a large catalogue", "large_pages", _generic),
    ("Many people at once", "many_people", _generic),
    ("Cost by data size", "scaling", _generic),
)

if __name__ == "__main__":
    write()
