import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import results
from benchmarks.aims import AIMS, aim_rows, judged
from benchmarks.markdown import digits, table
from benchmarks.report import SECTIONS, render

METRICS = ("rmse", "ndcg@20", "recall@20", "top_k_accuracy@100", "top_k_accuracy_with_seen@100")


def figures(system: str, *values: float | None) -> dict[str, Any]:
    named = {name: value for name, value in zip(METRICS, values, strict=True) if value is not None}
    return {"system": system, "from": "somewhere"} | named


QUALITY = {
    "rows": [
        figures("EASE", None, 0.43, 0.35, 0.62, 0.3),
        figures("SVD", 0.92, None, None, None, None),
        figures("Duet", 0.89, 0.45, 0.36, 0.66, 0.3),
        figures("Duet rating only", 0.88, None, None, None, None),
    ],
    "differences": [
        {"other": "EASE", "metric": "ndcg@20", "difference": 0.02, "low": 0.01, "high": 0.03}
    ],
    "splits": [0, 1],
}


def save_quality(folder: Path) -> None:
    results.save(
        "quality",
        QUALITY["rows"],
        ["A note."],
        folder,
        **{key: QUALITY[key] for key in ("differences", "splits")},
    )


def report(folder: Path) -> str:
    return render(folder, folder, folder / "notes.md")


def test_table_shows_what_is_missing_as_a_dash_and_escapes_bars() -> None:
    rows = [{"a": "x|y", "b": 1.23456}, {"a": "z", "b": None}]
    assert table(rows, {"a": "A", "b": "B"}, {"b": digits(2)}).splitlines() == [
        "| A | B |",
        "| --- | ---: |",
        "| x\\|y | 1.23 |",
        "| z | – |",
    ]


def test_table_without_columns_takes_all_keys_in_order() -> None:
    assert table([{"size": 100_000}, {"size": 1, "ok": True}]).splitlines() == [
        "| size | ok |",
        "| ---: | ---: |",
        "| 100,000 | – |",
        "| 1 | yes |",
    ]


def test_aims_are_judged_by_the_figures() -> None:
    rows = {row["figure"]: row for row in aim_rows(QUALITY["rows"], QUALITY["differences"])}
    assert len(rows) == len(AIMS)
    assert rows["RMSE, stars"]["must"] == "≤ 0.900: met"
    assert rows["RMSE, stars"]["goal"] == "≤ 0.885: missed"
    assert rows["Recall@20"]["must"] == "≥ 0.362: missed"
    assert rows["Top-100 accuracy"]["goal"] == "≥ 0.650: met"


def test_aims_name_the_best_other_system_and_not_duets_own_ends() -> None:
    rows = {row["figure"]: row for row in aim_rows(QUALITY["rows"], QUALITY["differences"])}
    assert rows["RMSE, stars"]["other"] == "SVD 0.9200"
    assert rows["NDCG@20"]["difference"] == "+0.0200 [+0.0100, +0.0300]"


def test_report_without_any_result_says_what_is_missing(tmp_path: Path) -> None:
    text = report(tmp_path)
    for title, name, _ in SECTIONS:
        assert f"## {title}\n\nNot measured: there is no {name}.json." in text


def test_report_shows_figures_machine_and_notes(tmp_path: Path) -> None:
    save_quality(tmp_path)
    (tmp_path / "notes.md").write_text("* tried: *this*\n")
    text = report(tmp_path)
    assert "| EASE | somewhere | – | 0.4300 |" in text
    assert "Python 3." in text
    assert text.endswith("* tried: *this*\n")


def test_report_shows_and_judges_the_fits(tmp_path: Path) -> None:
    rows = [{"system": "Duet", "fit_seconds": 6.0, "peak_mb": 900.4}]
    results.save("fits", rows, ["One fit."], tmp_path)
    text = report(tmp_path)
    assert "| Duet | 6.00 | 900 |" in text
    assert "≤ 15: met (required), ≤ 5: missed (desired)" in text


def test_report_prints_the_rows_and_notes_of_other_benchmarks(tmp_path: Path) -> None:
    rows = [
        {"what": "ratio", "value": 33.25, "must": "≥ 20", "goal": "≥ 100"},
        {"what": "wait", "value": 1, "must": "", "goal": ""},
    ]
    results.save("speed", rows, ["Tracing counts."], tmp_path)
    text = report(tmp_path)
    assert "| ratio | 33.25 | ≥ 20: met | ≥ 100: missed |" in text
    assert "| wait | 1 |  |  |\n\n- Tracing counts." in text
    assert "| what | value | required | desired |" in text


def test_report_names_commit_and_day_of_each_measurement(tmp_path: Path) -> None:
    results.save("speed", [{"what": "ratio"}], folder=tmp_path)
    results.save("pages", [{"what": "Home"}], folder=tmp_path)
    file = tmp_path / "pages.json"
    content = json.loads(file.read_text())
    file.write_text(json.dumps(content | {"commit": "abc1234", "day": "2026-01-31"}))
    text = report(tmp_path)
    assert text.count("Machine: ") == 1
    assert "\n- commit abc1234, 2026-01-31: pages\n" in text
    assert ": speed\n" in text


def test_what_was_not_reached_misses_its_bound() -> None:
    assert judged("≥ 20", "not reached") == "≥ 20: missed"
    assert judged("≤ 5", 5.0) == "≤ 5: met"


def test_report_states_the_tuning(tmp_path: Path) -> None:
    (tmp_path / "100k.yaml").write_text(
        "EASE:\n  metric: ndcg@20\n  chosen: {l2: 400.0}\n"
        "  tried:\n  - {l2: 400.0, ndcg@20: 0.3}\n  - {l2: 1.0, ndcg@20: 0.1}\n"
    )
    assert "| EASE | l2 400.0 | 2 | NDCG@20 | 0.3000 | 0.1000 |" in report(tmp_path)


@pytest.mark.parametrize("name", ["quality", "speed"])
def test_results_that_were_not_measured_are_none(tmp_path: Path, name: str) -> None:
    assert results.load(name, tmp_path) is None


def test_report_can_be_made_of_the_results_that_are_kept() -> None:
    root = Path(results.__file__).parent
    report = render(results.FOLDER, root / "tuned", root / "notes.md")
    assert all(f"\n## {title}\n" in report for title, _, _ in SECTIONS)
