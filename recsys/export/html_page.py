"""The look and the parts of an HTML file that loads nothing: no scripts, no fonts, no images.

All texts are escaped.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape

NOTHING = "–"

STYLE = """
:root { color-scheme: light dark; --blue: #3f83d6; --orange: #e07a3f; --violet: #7d6ce0;
  --line: color-mix(in srgb, currentColor 16%, transparent);
  --card: light-dark(#ffffff, #1f1e25); }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2.2rem auto 4rem;
  padding: 0 1.2rem; background: light-dark(#fdfcfb, #17161b); color: light-dark(#25232b, #eae8ef);
  overflow-wrap: break-word; }
header { display: flex; gap: 1rem; align-items: flex-start; }
header > div { min-width: 0; } header svg { width: 46px; flex: none; margin-top: .35rem; }
.overline { margin: 0; font-size: .85rem; letter-spacing: .04em; opacity: .7; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .3rem 0; } .small { opacity: .75; font-size: .88rem; }
.note { border-left: 3px solid var(--violet); padding: .3rem .9rem; margin: 1.2rem 0 0; }
.cards, .charts, .people, .tables { display: grid; gap: 1.1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 12.5rem), 1fr)); }
.charts, .people { grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); }
.charts.wide-left { grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
.tables { grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr));
  align-items: start; }
.card, .person { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: .8rem 1rem; }
.card { border-top: 3px solid var(--violet); }
.card.retrieval { border-top-color: var(--blue); } .card.rating { border-top-color: var(--orange); }
.card { max-width: 26rem; }
.card b { display: block; font-size: 1.75rem; font-weight: 550; line-height: 1.3; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; white-space: nowrap; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
caption i { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%;
  margin-right: .45rem; background: var(--violet); }
caption.retrieval i { background: var(--blue); } caption.rating i { background: var(--orange); }
th, td { padding: .22rem .8rem .22rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; } tr:last-child td { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.wide { overflow-x: auto; }
.person .small { min-height: 4.2em; } .person table { font-size: .9rem; }
tr.hit td { font-weight: 600; } .person td:last-child { white-space: nowrap; }
figure { margin: 0; min-width: 0; max-width: 34rem; } svg { width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: currentColor; } svg .tick { opacity: .7; }
.grid { stroke: var(--line); fill: none; } .line { fill: none; stroke-width: 2; }
.line { stroke: var(--violet); } .dot { fill: var(--violet); }
.line.retrieval { stroke: var(--blue); } .line.rating { stroke: var(--orange); }
.dot.retrieval { fill: var(--blue); } .dot.rating { fill: var(--orange); }
.dashed { stroke-dasharray: 5 4; } .ring { fill: none; stroke: currentColor; stroke-width: 2; }
figcaption { font-size: .85rem; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; }
.key { display: inline-block; width: 1.2rem; margin-right: .4rem; vertical-align: middle;
  border-top: 2px solid var(--violet); }
.key.retrieval { border-color: var(--blue); } .key.rating { border-color: var(--orange); }
.key.dashed { border-top-style: dashed; }
.key.ring { width: .7rem; height: .7rem; border: 2px solid currentColor; border-radius: 50%; }
.mark.retrieval { fill: var(--blue); } .mark.rating { fill: var(--orange); opacity: .85; }
.mark.both { fill: var(--violet); }
details { margin-top: 1rem; } summary { cursor: pointer; font-weight: 600; }
details > *:not(summary) { margin-top: .6rem; }
pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .6rem;
  background: var(--card); font-size: .85rem; overflow-wrap: normal; }
@media print { body { margin: 0; max-width: none; }
  .card, .person, figure { break-inside: avoid; } }
"""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""

# The mark of Duet: two tasks, and what they share.
MARK = (
    '<svg viewBox="0 0 40 40" role="img" aria-label="Duet">'
    '<circle class="mark retrieval" cx="14" cy="20" r="13"/>'
    '<circle class="mark rating" cx="26" cy="20" r="13"/>'
    '<path class="mark both" d="M20 8.5a13 13 0 0 1 0 23a13 13 0 0 1 0-23z"/></svg>'
)


def page(title: str, sections: Iterable[str]) -> str:
    """Return the whole file; empty sections are left out."""
    return PAGE.format(title=escape(title), style=STYLE, body="\n".join(filter(None, sections)))


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    caption: str = "",
    style: str = "",
    hits: Iterable[int] = (),
) -> str:
    """Return a table. Numbers are aligned right, with three decimals.

    Args:
        head: titles of the columns.
        rows: values; None is a dash.
        caption: over it.
        style: of the caption: `retrieval` or `rating`.
        hits: numbers of the rows that stand out, from 0.
    """
    body, chosen = list(rows), set(hits)
    numeric = [all(_is_number(row[i]) for row in body) for i in range(len(head))]
    lines = [_row(head, "th", numeric, hit=False)]
    lines += [_row(row, "td", numeric, hit=number in chosen) for number, row in enumerate(body)]
    title = f'<caption class="{escape(style)}"><i></i>{escape(caption)}</caption>'
    return f'<div class="wide"><table>{title if caption else ""}{"".join(lines)}</table></div>'


def card(label: str, value: str, note: str, style: str) -> str:
    """Return one figure with its label and a note under it; `style`: `retrieval` or `rating`."""
    return (
        f'<div class="card {escape(style)}">{escape(label)}<b>{escape(value)}</b>'
        f'<span class="small">{escape(note)}</span></div>'
    )


def folded(summary: str, content: str) -> str:
    """Return what opens with a click; the content is HTML."""
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def small(text: str) -> str:
    """Return a paragraph in small letters."""
    return f'<p class="small">{escape(text)}</p>'


def _row(values: Sequence[object], tag: str, numeric: Sequence[bool], *, hit: bool) -> str:
    cells = "".join(_cell(one, tag, n) for one, n in zip(values, numeric, strict=True))
    return f'<tr class="hit">{cells}</tr>' if hit else f"<tr>{cells}</tr>"


def _is_number(value: object) -> bool:
    """Return whether a value is a number, also as text, or missing."""
    return value is None or bool(re.fullmatch(r"[-\d.]*", str(value)))


def _cell(value: object, tag: str, is_number: bool) -> str:
    text = NOTHING if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
    style = ' class="number"' if is_number else ""
    return f"<{tag}{style}>{escape(text)}</{tag}>"
