"""Several people watch one training: no page fails, and none is sent more than it needs.

`python -m benchmarks.many_people` has a hundred, and times the clicks.
"""

import os
from pathlib import Path

import psutil

from benchmarks import app_server, many_people
from tests.faults import own_loop
from tests.faults.results import record

FULL = os.environ.get("DUET_PEOPLE") == "100"  # as `make test-faults` has it
SIZES = {"sessions": 15, "watchers": 10, "clickers": 2, "seconds": 20.0} if not FULL else {}
MOST_TRAFFIC = 20_000  # bytes per second, of a page that watches
MOST_MEMORY = 200  # MB that the server may grow by


def test_no_page_fails_or_is_sent_too_much_while_many_watch_a_training(tmp_path: Path) -> None:
    environment = os.environ | {"RECSYS_HOME": str(tmp_path), "RECSYS_DATA": "100k"}
    environment.pop("RECSYS_SCHEDULER", None)
    many_people.store_runs(environment, runs=1)
    log = tmp_path / "server.log"
    with app_server.running(many_people.ROOT / "app.py", environment, log) as served:
        server = psutil.Process(served.process.pid)
        measured = own_loop.run(many_people.measure(served.address, server, **SIZES))
    assert measured.failures == [], log.read_text(errors="replace")[-8000:]
    assert measured.clicks
    assert max(measured.charts) > 0  # they see new epochs
    assert max(measured.watched) <= MOST_TRAFFIC
    assert measured.memory <= MOST_MEMORY
    if FULL:
        for row in many_people.rows(measured):
            bound = f" ({row['must']})" if row["must"] else ""
            figure = f"{row['value']:.3g} {row['unit']}".strip() + bound
            record(f"Many people: {row['what']}", figure)
