"""Bad input on the command line: exit code 2, one line on stderr, nothing on stdout."""

from pathlib import Path

import pytest

from recsys.home import data_folder
from tests.cli.command_line import Files, Result, run

BAD_FILES = {
    "bad.csv": "user_id,movie_id,rating\n1,1,5\n1,2,abc\n",
    "short.csv": "user_id,movie_id,rating\n1,1\n",
    "header.csv": "user,item,stars\n1,1,5\n",
    "empty.csv": "",
    "bad.yaml": "epochs: [1, {\n",
    "aliases.yaml": "a: &a [x, x]\nb: *a\n",
    "unknown.yaml": "epoch: 3\n",
    "number.yaml": "data: 100\n",
}
BAD_INPUT = [
    ("train --set epoch=3", "unknown field 'epoch'"),
    ("train --set epochs=many", "epochs: "),
    ("train --set epochs=0", "epochs: "),
    ("train --set epochs", "write it as key=value"),
    ("train --set retrieval_weight=0 --set rating_weight=0", "both 0"),
    ("train --set architecture=tutorial --set sharing=all", "only for duet"),
    ("train --set architecture=tutorial --set batch_size=100000", "16384 at most"),
    ("train --set sharing=null", "sharing must be set for duet"),
    ("train --set split=given --set holdout=0.2", "leave out holdout"),
    ("train --validation 0.95", "leave nothing to train on"),
    ("train --validation nan", "validation: "),
    ("train --validation half", "--validation"),
    ("train --preset balanced", "--preset"),
    ("train --data netflix", "there is no data set 'netflix'; there are 100k, "),
    ("train --data ../../etc", "there is no data set '../../etc'"),
    ("train --data=", "data: "),
    (f"train --data {'x' * 300}", "data: "),
    (f"train --data {'x' * 300}.csv", "cannot be read"),
    ("train --data {files}/none.csv", "none.csv: cannot be read"),
    ("train --data {files}/bad.csv", "bad.csv line 3: rating 'abc' is not a number"),
    ("train --data {files}/short.csv", "short.csv line 2: has 2 fields"),
    ("train --data {files}/header.csv", "header.csv line 1: the header has no column"),
    ("train --data {files}/empty.csv", "empty.csv: the file is empty"),
    ("train --data {files}", "{files}"),
    ("train --data {ratings} --movies {files}/none.csv", "none.csv: cannot be read"),
    ("train --data {ratings} --holdout {files}/bad.csv", "bad.csv line 3"),
    ("train --data {ratings} --holdout {ratings}", "line 2"),
    ("train --data {ratings} --holdout {holdout} --set split=random", "leave out split=random"),
    ("train --data {ratings} --set split=time", "no timestamps"),
    ("train --data {ratings} --set split=given", "no holdout"),
    ("train --data 100k --holdout {holdout}", "--holdout"),
    ("train --config {files}/none.yaml", "none.yaml: cannot be read"),
    ("train --config {files}/bad.yaml", "bad.yaml"),
    ("train --config {files}/aliases.yaml", "aliases"),
    ("train --config {files}/number.yaml", "data: "),
    ("train --config {files}/unknown.yaml", "unknown field 'epoch'"),
    ("train --colour", "--colour"),
    ("sweep --points 1", "'1': must be a whole number, 2 or more"),
    ("sweep --points few", "'few': must be a whole number"),
    ("sweep --seeds 0", "'0': must be a whole number, 1 or more"),
    ("sweep --sharing some", "--sharing"),
    ("sweep --set rating_weight=2", "a sweep sets the weights itself"),
    ("sweep --set epochs=0", "epochs: "),
    ("sweep --set architecture=tutorial --sharing all", "only for duet"),
    ("search --trials 0", "'0': must be a whole number, 1 or more"),
    ("search --x fun", "there is no metric 'fun'"),
    ("search --x mrr --y mrr", "a search needs two metrics, not mrr twice"),
    ("search --set retrieval_weight=2", "a search sets the weights itself"),
    ("search --set epochs=0", "epochs: "),
    ("search --data {ratings} --validation 0", "set validation above 0"),
    ("search --preset multi-task", "--preset"),
    ("retrain", "retrain"),
    ("", "COMMAND"),
    ("recommend --run 0123456789ab --user u1", "there is no run 0123456789ab"),
    ("recommend --run ../../etc --user u1", "'../../etc' is not the id of a run"),
    ("recommend --run /etc --user u1", "'/etc' is not the id of a run"),
    ("recommend --run {run} --user nobody", "there is no user 'nobody'"),
    ("recommend --run {run} --user u1 --k 0", "--k 0"),
    ("recommend --run {run} --user u1 --k -3", "--k -3"),
    ("recommend --run {run} --user u1 --k ten", "--k"),
    ("recommend --run {run}", "--user"),
    ("recommend --run {run} --user u1 --blend -1", "'-1': must be a number, 0 or more"),
    ("recommend --run {run} --user u1 --blend nan", "'nan': must be a number, 0 or more"),
    ("recommend --run {run} --user u1 --blend much", "'much': must be a number, 0 or more"),
    ("evaluate --run 0123456789ab", "there is no run 0123456789ab"),
    ("evaluate --run {run} --blend -0.5", "'-0.5': must be a number, 0 or more"),
    ("evaluate --run {run} --part test", "--part"),
    ("evaluate", "--run"),
]


@pytest.fixture(scope="module")
def places(files: Files, trained: Result) -> dict[str, str]:
    """The values for the names in braces above."""
    folder = files.folder / "bad"
    folder.mkdir()
    for name, content in BAD_FILES.items():
        (folder / name).write_text(content)
    return {
        "files": str(folder),
        "ratings": str(files.ratings),
        "holdout": str(files.holdout),
        "run": trained.json["run_id"],
    }


@pytest.mark.parametrize(("command", "expected"), BAD_INPUT)
@pytest.mark.parametrize("as_json", [False, True], ids=["", "json"])
def test_bad_input_is_one_line_and_exit_code_2(
    command: str, expected: str, as_json: bool, places: dict[str, str]
) -> None:
    arguments = [word.format(**places) for word in command.split()]
    result = run(*arguments, *(["--json"] if as_json and command else []))
    assert result.code == 2, result
    assert result.out == ""
    assert len(result.err.strip().splitlines()) == 1, result.err
    assert "Traceback" not in result.err
    assert expected.format(**places) in result.err


def test_bad_input_leaves_nothing_behind(
    files: Files, places: dict[str, str], trained: Result
) -> None:
    kept = sorted(data_folder().iterdir())
    run("train", "--data", Path(places["files"]) / "bad.csv")
    run("train", "--data", files.ratings, "--holdout", Path(places["files"]) / "bad.csv")
    assert sorted(data_folder().iterdir()) == kept
