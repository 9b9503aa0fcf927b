"""What a browser shows, fetches and asks while hostile texts are on a page."""

import contextlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Error, Page

from benchmarks.sections import come_near_all
from tests.browser.visits import settle
from tests.hostile_lab import HostileLab, good_link, hostile_link
from tests.hostile_texts import HOST, TEXTS, shown

MARK = re.compile(r"\s?z(\d+)z")
OWN_CODE = ">python train_again.py</code>"  # the pages' own, beside the name of a run
MOST_CLOSER = 6 if os.environ.get("DUET_LOOKS") else 2  # of a kind on a page
MOST_READS = 30  # of a page, until its texts stay the same
ATTRIBUTES = ("aria-label", "aria-valuetext", "title", "alt", "placeholder")
OWN = {"localhost", "127.0.0.1"}
# All texts of the page, also those within components, that a person sees, hears or points at.
READ = """(names) => {
  const found = [];
  const read = (root) => {
    found.push(...[...root.children].map((one) => one.innerText ?? one.textContent));
    for (const one of root.querySelectorAll("*")) {
      for (const name of names) if (one.hasAttribute(name)) found.push(one.getAttribute(name));
      if (one.matches("input, textarea")) found.push(one.value);
      if (one.shadowRoot) read(one.shadowRoot);
    }
  };
  read(document.body);
  return found;
}"""
# What only an interpreted text can have made.
MADE = f"""() => {{
  const found = [];
  const read = (root) => {{
    for (const one of root.querySelectorAll("*")) {{
      const text = one.outerHTML.slice(0, 300), markdown = one.closest('[class*="Markdown"]');
      if (/^(script|iframe|object|embed|base|form|marquee|math|video)$/i.test(one.localName) &&
        !one.closest("head") && one.localName !== "form" && !one.src?.startsWith(location.origin)
      ) found.push(text);
      for (const name of ["src", "href", "srcset", "data", "action", "background", "poster"])
        if (/{HOST}|javascript:|alert\\(/i.test(one.getAttribute(name) ?? "") &&
          new URL(one.getAttribute(name), location).origin !== location.origin) found.push(text);
      if ([...one.attributes].some(({{name, value}}) => /^on/i.test(name) && /alert/.test(value)))
        found.push(text);
      if (one.matches(".katex")) found.push(text);
      const frame = one.localName === "hr" && one.closest('[data-testid="stSidebar"]');
      if (markdown && !frame && /z\\d+z/.test(markdown.textContent) &&
        one.matches("code, pre, table, blockquote, del, hr, input, img, ol")) found.push(text);
      if (one.shadowRoot) read(one.shadowRoot);
    }}
  }};
  read(document);
  if (window.pwned) found.push("pwned");
  return found;
}}"""


@dataclass
class Seen:
    """What was seen: (place, number of the text) in pairs, and what must not be."""

    pairs: set[tuple[str, int]] = field(default_factory=set)
    foreign: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    made: list[tuple[str, str]] = field(default_factory=list)
    loads: int = 0

    def watch(self, page: Page) -> None:
        """Note each request to another machine, and each dialog."""

        def note(url: str) -> None:
            parts = urlsplit(url.removeprefix("blob:"))
            if parts.scheme != "data" and parts.hostname not in OWN:
                self.foreign.append(url)

        page.on("request", lambda request: note(request.url))
        page.on("websocket", lambda line: note(line.url))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    def look(
        self,
        page: Page,
        place: str,
        texts: dict[int, set[str]],
        attributes: Sequence[str] = ATTRIBUTES,
    ) -> None:
        """Read the page: each text must be there as it was typed."""
        for text in page.evaluate(READ, list(attributes)):
            line = shown(text or "")
            for mark in MARK.finditer(line):
                number = int(mark[1])
                if not _is_as_typed(line[: mark.end()], number, texts):
                    self.changed.append((place, line[max(0, mark.start() - 100) : mark.end()]))
                self.pairs.add((place, number))
        made = (one for one in page.evaluate(MADE) if OWN_CODE not in one)
        self.made += [(place, one) for one in made]

    def assert_text_is_text(self) -> None:
        """No request has left the machine, no dialog has opened, no text was changed."""
        assert self.foreign == []
        assert self.dialogs == []
        for found in (self.changed, self.made):
            some = "\n".join(f"{place}: {text}" for place, text in sorted(set(found))[:20])
            assert not some, f"{len(set(found))}:\n{some}"


def _is_as_typed(line: str, number: int, texts: dict[int, set[str]]) -> bool:
    if any(line.endswith(shown(text)) for text in texts.get(number, ())):
        return True
    # A query parameter with several values is said value by value.
    typed, mark = TEXTS[number], f" z{number}z"
    tails = {" ".join(re.split(sign, typed)[-1].split()) for sign in (",", r"\|", ":")}
    return any(line.endswith(f"“{tail}{mark}".replace("“ ", "“")) for tail in tails)


def _wait_for_all_texts(page: Page) -> None:
    """Wait until there is no new text: charts and components draw after the page's script."""
    before = None
    for _ in range(MOST_READS):
        texts = page.evaluate(READ, list(ATTRIBUTES))
        if texts == before:
            return
        before = texts
        page.wait_for_timeout(300)


def look_closer(page: Page, place: str, seen: Seen, texts: dict[int, set[str]]) -> None:
    """Open the lists to choose from, and point at what has a tooltip."""
    for selector, do in (
        ('[data-testid="stSelectbox"] input, [data-testid="stMultiSelect"] input', "click"),
        ('[data-testid="stPopover"] button, [data-testid="stExpander"] summary', "click"),
        ('[data-testid="stTooltipIcon"]', "hover"),
        ('[role="graphics-symbol"][aria-label*="z"]', "hover"),
    ):
        for one in page.locator(f"{selector} >> visible=true").all()[:MOST_CLOSER]:
            with contextlib.suppress(Error):  # covered, or drawn again meanwhile
                getattr(one, do)(timeout=3000, **({"force": True} if do == "hover" else {}))
                page.wait_for_timeout(300)
                seen.look(page, f"{place}, {do}", texts)
            page.keyboard.press("Escape")
    settle(page)


def visit_all(
    page: Page, address: str, lab: HostileLab, seen: Seen, paths: list[str], numbers: list[int]
) -> None:
    """Open each page with links that hold hostile texts, and with links that show many of them."""
    texts = lab.texts
    for path in paths:
        for number in numbers:
            good, evil = good_link(lab, path, number), hostile_link(number)
            # All wrong; right but for what is not named by the good link.
            for place, link in (("link", evil), ("names", evil | good)):
                page.goto(f"{address}/{path}?{urlencode(link)}")
                settle(page)
                come_near_all(page)
                _wait_for_all_texts(page)
                seen.loads += 1
                seen.look(page, f"{path or 'Home'}: {place}", texts)
        look_closer(page, path or "Home", seen, texts)  # at the last of them
