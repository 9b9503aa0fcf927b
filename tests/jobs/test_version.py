from recsys.jobs.cluster.entry import run_job
from recsys.jobs.cluster.version import code_version, mismatch


def test_worker_of_another_version_says_so_before_it_trains() -> None:
    outcome = run_job("key", "run", {}, "fingerprint", version="another", train="none:none")
    assert "another version of Duet" in outcome["error"]


def test_same_code_has_the_same_version() -> None:
    assert mismatch(code_version()) == ""
