"""No page shows a text from data, links or files but through `as_typed`. Read from the source."""

from pathlib import Path

import pytest

from tests.text_flow import Flow, read

ROOT = Path(__file__).resolve().parents[1]
TRUSTED = frozenset(
    {
        # the glossary: constants of the source
        *("explain", "label", "field_label", "word"),
        # made of numbers, of literal settings, or of the names of presets
        *("number", "ratio_name", "position_name", "config_name", "job_words", "when"),
        "blend_curve",  # it returns figures, and the name of a part
    }
)
# Texts that the test cannot follow, with the reason why they hold nothing from outside.
PARTS_AND_FIGURES = "figures, and the name of a part of the split"
OWN_WORDS = "made of the source's own words and figures"
KNOWN = {
    ("pages/1_Train.py", "notice"): "one of two sentences of this file, kept in the session",
    ("pages/4_Recommend.py", "models"): "no text: what shows their labels has them typed",
    ("pages/6_Movie_map.py", "rows.about(shown, maps)"): OWN_WORDS,
    ("pages/ui/compare/details.py", "about[name]"): "descriptions of RunConfig",
    ("pages/ui/compare/metrics_panel.py", "st.table(rows.set_index('Run'))"): (
        "`verdict_rows` writes each cell as Markdown, the names of the runs as typed"
    ),
    ("pages/ui/compare/table.py", "RunConfig.model_fields[field].description"): (
        "descriptions of RunConfig"
    ),
    (
        "pages/ui/layout.py",
        "metric.reference_name if difference is not None else None",
    ): "the caller's words",
    ("pages/ui/layout.py", "sentence"): "constants of this file",
    ("pages/ui/link_check.py", 'f":material/link_off: Not found or not valid in this link'): (
        "names of query parameters in the source; the values are typed"
    ),
    ("pages/ui/panels.py", "f'**{words.label(panel.term)}**{panel.note}'"): OWN_WORDS,
    ("pages/ui/panels.py", "words.explain(panel.term) + panel.more"): OWN_WORDS,
    ("pages/ui/recommend/inputs.py", "sentence"): "constants of this file",
    ("pages/ui/recommend/inputs.py", "options of st.pills('Example users', list(examples)"): (
        "names of the kinds of example users, constants of `pages.ui.people`"
    ),
    ("pages/ui/recommend/panels.py", "summary.hits_of_several(results, lists, options)"): "figures",
    (
        "pages/ui/recommend/serving.py",
        "f\"{who}, on {part}: {' · '.join(texts)}\"",
    ): PARTS_AND_FIGURES,
    (
        "pages/ui/recommend/serving.py",
        "f'{_who(run, part, users).capitalize()}, on {part}, at the same blend.",
    ): PARTS_AND_FIGURES,
    ("pages/ui/recommend/serving.py", "f'{entry.sentence} {figure.interval}'"): PARTS_AND_FIGURES,
    ("pages/ui/tradeoff/panels.py", "notes"): "names of baselines and metrics, and figures",
    ("pages/ui/tradeoff/panels.py", "f'#### {text}'"): OWN_WORDS,
    ("pages/ui/tradeoff/panels.py", "text"): OWN_WORDS,
    ("pages/ui/tradeoff/settings.py", "f'{problem} The sweep uses the default settings.'"): (
        "`_linked` returns Markdown"
    ),
    ("pages/ui/train/draw_input.py", "options of st.segmented_control(item.label"): (
        "the values of a literal setting"
    ),
    ("pages/ui/train/other.py", "f'**{kind} of other settings:** {shown.changed}.'"): (
        "`changed_words` returns Markdown"
    ),
    ("pages/ui/train/why.py", "text + of_pcgrad(config, history)"): OWN_WORDS,
}
HEAD = "import streamlit as st\nfrom pages.ui.names import as_typed\n"


def test_all_that_pages_show_is_as_typed_or_from_the_source() -> None:
    sources = read(ROOT, "pages", "recsys") | {"app.py": (ROOT / "app.py").read_text()}
    found = Flow(sources, TRUSTED).violations()
    known = [key for key in KNOWN if any(_is(key, place.file, place.text) for place in found)]
    new = [p for p in found if not any(_is(key, p.file, p.text) for key in KNOWN)]
    assert not new, "as_typed(…) is missing:\n" + "\n".join(map(str, new))
    assert sorted(set(KNOWN) - set(known)) == []  # what is not there any more


def _is(key: tuple[str, str], file: str, text: str) -> bool:
    return file == key[0] and text.startswith(key[1])


def flow(source: str) -> list[str]:
    """Return what is wrong in a page."""
    return [place.text for place in Flow({"pages/x.py": HEAD + source}, TRUSTED).violations()]


@pytest.mark.parametrize(
    "source",
    [
        "st.markdown(run.name)",
        "st.markdown(f'**{run.name}**')",
        "st.caption('Run ' + run.name)",
        "st.caption('Run %s' % run.name)",
        "st.button('Go', help=run.name)",
        "st.button(label=run.name)",
        "name = run.name\nst.warning(f'a {name}')",
        "for name in names:\n    st.info(name)",
        "st.error(str(error))",
        "try:\n    f()\nexcept OSError as error:\n    st.error(f'{error}')",
        "st.caption(', '.join(names))",
        "st.caption(', '.join(f'“{name}”' for name in names))",
        "texts = ['a']\ntexts.append(run.name)\nst.caption(' '.join(texts))",
        "text = 'a'\ntext += run.name\nst.caption(text)",
        "if text := run.name:\n    st.caption(text)",
        "def show(text):\n    st.caption(text)\nshow(run.name)",
        "def show(text):\n    st.caption(text)\n"
        "def more(name):\n    show(f'a {name}')\nmore(run.name)",
        "def words(run):\n    return f'a {run.name}'\nst.caption(words(run))",
        "def words(name):\n    return f'a {name}'\nst.caption(words(run.name))",
        "left, right = st.columns(2)\nleft.markdown(run.name)",
        "st.pills('Runs', names)",
        "st.pills('Runs', names, format_func=lambda id_: labels[id_])",
        "choice('runs', names, None, lambda **options: st.pills('Runs', **options))",
        "choice('r', names, None, lambda **o: st.pills('R', format_func=str.upper, **o))",
        "st.column_config.TextColumn('Run', help=run.name)",
        "st.tabs([run.name])",
        "st.expander(run.name)",
        "st.progress(0.5, text=run.name)",
        "st.metric('a', 1, delta_description=run.name)",
        "st.page_link('app.py', label=run.name)",
        "st.write(run.name)",
        "st.html(f'<b>{run.name}</b>')",
        "st.markdown(as_typed(run.name) + run.name)",
        "st.markdown(f'{run.name:>20}')",
        "st.markdown(labels[run])",
        "st.markdown('a' if x else run.name)",
        "st.markdown(x or 'a')",
        "@st.dialog(run.name)\ndef ask():\n    pass",
    ],
)
def test_planted_violation_is_found(source: str) -> None:
    assert flow(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "st.markdown('a')",
        "st.markdown(f'**{as_typed(run.name)}**')",
        "st.caption(f'{x:.3f} of {len(y):,}')",
        "st.caption(', '.join(map(as_typed, names)))",
        "texts = [as_typed(name) for name in names]\nst.caption(' · '.join(texts))",
        "def show(text):\n    st.caption(text)\nshow(as_typed(run.name))",
        "def words(n: int):\n    return f'{n} runs'\nst.caption(words(len(runs)))",
        "st.caption(WORDS[x])",
        "st.pills('Runs', names, format_func=lambda id_: as_typed(labels[id_]))",
        "choice('k', LENGTHS, None, lambda **options: st.pills('Length', **options))",
        "st.selectbox('Run', names, format_func=lambda id_: labels[id_])",  # it shows plain text
    ],
)
def test_text_of_the_source_is_left_alone(source: str) -> None:
    assert flow(source) == []
