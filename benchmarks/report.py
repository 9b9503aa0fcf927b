"""Write RESULTS.md from what the benchmarks measured, without measuring anything."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from benchmarks import results
from benchmarks.aims import aim_rows, difference_to, judged
from benchmarks.markdown import digits, plain, table
from benchmarks.measure import SHOWN
from recsys.metrics import METRICS

HERE = Path(__file__).parent
Content = dict[str, Any]

METRIC_COLUMNS = {name: METRICS[name].label for name in SHOWN}
DIFFERENCE_COLUMNS = {
    "minus rmse": "Duet − it: RMSE (below 0: Duet is better)",
    "minus ndcg@20": "Duet − it: NDCG@20 (above 0: Duet is better)",
}
FORMATS = {name: digits(4) for name in SHOWN} | {"fit_seconds": digits(2), "peak_mb": digits(0)}


def write(file: Path = HERE / "RESULTS.md", folder: Path = results.FOLDER) -> None:
    """Write the whole report from the JSON files of `folder`."""
    file.write_text(render(folder, HERE / "peers.yaml", HERE / "notes.md"))


def render(folder: Path, peers: Path, notes: Path) -> str:
    """Return the report. A section without its JSON file says so."""
    found = {name: results.load(name, folder) for _, name, _ in SECTIONS}
    parts = [
        "# Results",
        "Written by `make bench` from what it measured; nothing here is edited by hand, but the "
        "last section.",
        *_machines(found),
    ]
    for title, name, section in SECTIONS:
        parts.append(f"## {title}")
        content = found[name]
        parts.append(section(content) if content else f"Not measured: there is no {name}.json.")
    parts += ["## How the peers were tuned", _tuning(peers)]
    parts += ["## What was tried, and what each try gave"]
    parts += [notes.read_text().strip() if notes.exists() else "No notes yet."]
    return "\n\n".join(parts) + "\n"


def _aims(quality: Content) -> str:
    columns = {
        "figure": "mean over the splits",
        "duet": "Duet",
        "must": "must",
        "goal": "goal",
        "other": "best other system",
        "difference": "Duet − it [95 % interval]",
    }
    rows = aim_rows(quality["rows"], quality["differences"])
    return table(rows, columns, {"duet": digits(4)}) if rows else "Duet was not measured."


def _quality(quality: Content) -> str:
    columns = {"system": "system", "from": "from"} | METRIC_COLUMNS | DIFFERENCE_COLUMNS
    return _with_differences(quality, "system", columns)


def _ablations(ablations: Content) -> str:
    columns = {"row": "row", "changed": "changed"} | METRIC_COLUMNS
    columns |= {"fit_seconds": "fit, s"} | DIFFERENCE_COLUMNS
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
    splits = f"ML-100K, random 80/20, means over the splits with seeds {plain(content['splits'])}."
    return "\n\n".join([splits, table(rows, columns, FORMATS), *content["notes"]])


def _cost(quality: Content) -> str:
    columns = {"system": "system", "fit_seconds": "fit, s", "peak_mb": "peak memory, MB"}
    note = (
        "Fit: the mean over the splits, in a process that has fitted a few users before, so that "
        "imports are not counted; tracing and compiling are. Memory: the most that the process "
        "held, its imports, the data set and the evaluation included."
    )
    return table(quality["rows"], columns, FORMATS) + "\n\n" + note


def _generic(content: Content) -> str:
    rows = [
        row | {aim: judged(row[aim], row["value"]) for aim in ("must", "goal") if row.get(aim)}
        for row in content["rows"]
    ]
    notes = [f"- {note}" for note in content["notes"]]
    return "\n\n".join(filter(None, [table(rows), "\n".join(notes)]))


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
    """Return one paragraph for each machine, with the names of what was measured on it."""
    measured: dict[str, list[str]] = {}
    for name, content in found.items():
        if content:
            measured.setdefault(_machine(content["machine"]), []).append(name)
    return [f"{machine} ({', '.join(names)})" for machine, names in measured.items()]


def _machine(machine: Content) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return (
        f"Machine: {machine['cores']} cores, {machine['memory_gb']} GB, {machine['cpu']}, "
        f"{machine['platform']}. Python {machine['python']}, {versions}."
    )


def _tuning(peers: Path) -> str:
    if not peers.exists():
        return "Not tuned yet: there is no peers.yaml."
    rows = [
        {
            "system": name,
            "chosen": ", ".join(f"{key} {value}" for key, value in tuned["chosen"].items()),
            "tried": len(tuned["tried"]),
            "metric": METRICS[tuned["metric"]].label,
        }
        | dict(zip(("worst", "best"), _worst_and_best(tuned), strict=True))
        for name, tuned in yaml.safe_load(peers.read_text()).items()
    ]
    text = (
        "Every combination of a grid, on validation ratings of two random splits of ML-100K (seeds "
        "1000 and 1001; 80 % train, 10 % validation, the rest unread); the best mean is chosen. "
        "The grids of BPR, iALS, BaselineOnly, KNNBaseline, SVD and SVD++ are second or third "
        "ones, laid around the best region of wider ones on the same validation ratings; "
        "`peers.yaml` and this table hold the last grid only."
    )
    columns = {
        "system": "system",
        "chosen": "chosen",
        "tried": "combinations tried",
        "metric": "chosen for",
        "best": "its figure on validation",
        "worst": "the worst one's",
    }
    return text + "\n\n" + table(rows, columns, {"best": digits(4), "worst": digits(4)})


def _worst_and_best(tuned: Content) -> tuple[float, float]:
    metric = tuned["metric"]
    figures: list[float] = sorted(point[metric] for point in tuned["tried"])
    if METRICS[metric].higher_is_better:
        return figures[0], figures[-1]
    return figures[-1], figures[0]


SECTIONS: tuple[tuple[str, str, Callable[[Content], str]], ...] = (
    ("Against the aims", "quality", _aims),
    ("Quality", "quality", _quality),
    ("Time and memory", "quality", _cost),
    ("Ablations", "ablations", _ablations),
    ("Under the seeds' own protocols", "protocols", _protocols),
    ("Speed", "speed", _generic),
    ("Pages", "pages", _generic),
    ("Cost by size", "scaling", _generic),
)

if __name__ == "__main__":
    write()
