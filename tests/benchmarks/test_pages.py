import pytest

from benchmarks import pages, results


def test_without_a_browser_it_says_so_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pages, "BROWSERS", ("no-such-browser",))
    monkeypatch.setattr(results, "save", lambda *arguments: pytest.fail("something was written"))
    pages.main()
    assert "no Chromium" in capsys.readouterr().out
