"""The lab as a person uses it: a cold deep link to each page, and one journey through all."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from pages.ui import state
from pages.ui.train.form import WEIGHT_STEPS
from pages.ui.train.other import DIMMED
from recsys.config import make_config, run_id
from recsys.data.tables import Dataset
from tests.browser.conftest import Line, Serve

pytestmark = pytest.mark.browser

PRESETS = ("rating-specialised", "retrieval-specialised", "multi-task")
LONG = 400_000  # ms; trainings on a busy machine


def settle(page: Page) -> None:
    """Wait until the page has run, and see that it shows no exception."""
    page.wait_for_selector('[data-test-script-state="notRunning"]')
    expect(page.get_by_test_id("stException")).to_have_count(0)


def visit(page: Page, address: str) -> None:
    page.goto(address)
    settle(page)


def heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name, exact=True)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("", "Duet"),
        ("Train", "Train"),
        ("Compare", "Compare"),
        ("Recommend", "Recommend"),
        ("New_user", "New user"),
        ("Movie_map", "Movie map"),
    ],
)
def test_deep_link_on_a_cold_server_opens_the_page_and_starts_the_presets(
    serve: Serve, page: Page, path: str, title: str
) -> None:
    with serve() as address:
        visit(page, f"{address}/{path}")
        expect(heading(page, title)).to_be_visible()
        sidebar = page.get_by_test_id("stSidebar")
        for preset in PRESETS:  # the last ones of the queue are folded up
            expect(sidebar.get_by_text(preset)).to_be_attached()


def test_train_right_after_a_change_trains_what_the_inputs_show(
    serve: Serve, page: Page, browser_data: Dataset
) -> None:
    with serve() as address:
        visit(page, f"{address}/Train")
        page.get_by_test_id("stExpander").get_by_text("Model and optimiser").click()
        epochs = page.get_by_label("Epochs", exact=True)
        rating = page.get_by_role("slider", name="Rating weight")
        train = page.get_by_role("button", name="Train", exact=True)
        step = WEIGHT_STEPS.index(1.0)
        for n_epochs, change in enumerate((-3, -4, 6, 1, -5), start=300):
            epochs.fill(str(n_epochs))
            for _ in range(abs(change)):
                rating.press("ArrowLeft" if change < 0 else "ArrowRight")
            train.click()  # with no pause after the last change
            step += change
            wanted = {"rating_weight": WEIGHT_STEPS[step], "epochs": n_epochs}
            config = make_config({"data": browser_data.name} | wanted)
            expect(page).to_have_url(
                re.compile(f"run={run_id(config, browser_data.fingerprint)}"), timeout=LONG
            )
            expect(rating).to_have_attribute("aria-valuetext", f"{wanted['rating_weight']:g}")


def test_train_before_the_page_shows_a_change_trains_with_it(
    serve: Serve, page: Page, line: Line, browser_data: Dataset
) -> None:
    with serve() as address:
        presets_train_by_themselves(page, address)  # then no rerun of its own comes in between

        def train_after(change: Callable[[], None], answer: str, **wanted: Any) -> None:
            visit(page, f"{address}/Train")
            page.get_by_test_id("stExpander").get_by_text("Model and optimiser").click()
            expect(page.get_by_role("radio", name="tutorial")).to_be_visible()
            with line.held():
                change()
                line.wait_for(answer)
                page.get_by_role("button", name="Train", exact=True).click()
            config = make_config({"data": browser_data.name} | wanted)
            run = run_id(config, browser_data.fingerprint)
            expect(page).to_have_url(re.compile(f"run={run}"), timeout=LONG)
            expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=LONG)

        main = page.get_by_test_id("stMain")
        weight = page.get_by_role("slider", name="Rating weight")
        train_after(
            main.get_by_role("radio", name="rating-specialised").click,
            "train.rating_weight",
            retrieval_weight=0.0,
        )
        train_after(lambda: weight.press("ArrowLeft"), "train.preset", rating_weight=0.5)
        train_after(
            main.get_by_role("radio", name="tutorial").click,
            "train.epochs",
            architecture="tutorial",
        )

        def tie() -> None:
            # What is typed into the box of a choice filters its options.
            main.get_by_role("combobox", name=re.compile("What the tasks share")).fill("tied")
            page.get_by_role("option", name="tied vectors").click()

        train_after(tie, "train.epochs", sharing="tied")
        train_after(
            main.get_by_text("All ratios in one training").click,
            "train.all_ratios",
            all_ratios=True,
        )


def test_settings_changed_before_the_url_shows_the_new_run_are_kept(
    serve: Serve, page: Page, line: Line, browser_data: Dataset
) -> None:
    with serve() as address:
        presets_train_by_themselves(page, address)
        visit(page, f"{address}/Train")
        expect(heading(page, "multi-task")).to_be_visible()
        weight = page.get_by_role("slider", name="Rating weight")
        step = WEIGHT_STEPS.index(1.0) - 2
        weight.press("ArrowLeft")
        expect(weight).to_have_attribute("aria-valuetext", f"{WEIGHT_STEPS[step + 1]:g}")
        settle(page)
        config = make_config({"data": browser_data.name, "rating_weight": WEIGHT_STEPS[step + 1]})
        run = run_id(config, browser_data.fingerprint)
        with line.held():
            page.get_by_role("button", name="Train", exact=True).click()
            line.wait_for(run)
            weight.press("ArrowLeft")  # sent with the URL of the run before
            line.wait_for("of other settings")
        expect(page).to_have_url(re.compile(run))
        settle(page)
        expect(weight).to_have_attribute("aria-valuetext", f"{WEIGHT_STEPS[step]:g}")
        weight.press("ArrowLeft")
        expect(weight).to_have_attribute("aria-valuetext", f"{WEIGHT_STEPS[step - 1]:g}")
        settle(page)
        expect(weight).to_have_attribute("aria-valuetext", f"{WEIGHT_STEPS[step - 1]:g}")


def test_result_of_other_settings_is_dimmed_until_the_settings_are_back(
    serve: Serve, page: Page
) -> None:
    with serve() as address:
        presets_train_by_themselves(page, address)
        visit(page, f"{address}/Train")
        expect(heading(page, "multi-task")).to_be_visible()
        result = page.locator(f".st-key-{state.TRAIN_OTHER}")
        expect(result).to_have_count(0)
        weight = page.get_by_role("slider", name="Rating weight")
        weight.press("ArrowLeft")
        expect(page.get_by_text("The result of other settings: rating weight 1")).to_be_visible()
        expect(result).to_have_css("opacity", str(DIMMED))
        expect(result.get_by_role("heading", name="multi-task")).to_be_visible()
        weight.press("ArrowRight")  # the same settings again
        expect(result).to_have_count(0)
        weight.press("Home")  # those of another run
        expect(heading(page, "retrieval-specialised")).to_be_visible()
        expect(result).to_have_count(0)


def test_pointer_over_a_curve_tells_the_values_of_the_nearest_epoch(
    serve: Serve, page: Page
) -> None:
    with serve() as address:
        presets_train_by_themselves(page, address)
        visit(page, f"{address}/Train")
        page.get_by_test_id("stMain").get_by_role("radio", name="rating-specialised").click()
        expect(heading(page, "rating-specialised")).to_be_visible()  # multi-task came before it
        charts = page.get_by_test_id("stVegaLiteChart")
        chart = charts.and_(page.locator('[aria-label^="Line chart: rating loss"]'))
        expect(chart.locator("svg, canvas").first).to_be_visible()
        tip = page.locator("#vg-tooltip-element")
        for shift in range(60):  # a chart that is drawn anew meanwhile needs another move
            chart.hover(position={"x": 120 + shift % 2, "y": 90})
            page.wait_for_timeout(500)
            if "epoch" in tip.inner_text():
                break
        expect(tip).to_contain_text("epoch")
        expect(tip).to_contain_text("train")
        expect(tip).to_contain_text("compared run")


def test_journey_from_first_start_to_recommendations(serve: Serve, page: Page) -> None:
    with serve() as address:
        presets_train_by_themselves(page, address)
        run_id = a_training_is_watched_and_survives_reloads(page, address)
        runs_are_compared(page, run_id)
        a_user_is_shown_movies(page, address, run_id)
        one_step_back_leads_to_the_page_before(page, address)


def test_box_in_the_plot_and_a_key_held_on_a_slider(serve: Serve, page: Page) -> None:
    with serve() as address:
        presets_train_by_themselves(page, address)
        a_key_held_on_a_slider_leaves_the_page_alive(page, f"{address}/Recommend?user=7")
        address = f"{address}/Recommend?user=7&view=scatter"
        a_box_filters_the_list(page, address, ".tile")
        a_box_filters_the_list(
            page, f"{address}&beside=baseline:most popular", ".row[data-list='0']"
        )


def a_key_held_on_a_slider_leaves_the_page_alive(page: Page, address: str) -> None:
    """The server is asked faster than it answers: what it refers to must still be there."""
    for _ in range(3):
        visit(page, address)
        # The newest run may be one of all ratios, whose first slider is that of the weights.
        slider = page.get_by_role("slider", name="retrieval to stars")
        slider.focus()
        for key in ("ArrowRight", "ArrowLeft"):
            for _ in range(40):
                page.keyboard.press(key)
        settle(page)
        expect(page.get_by_text("Connection error")).to_have_count(0)
        expect(slider).to_have_value("0")
    for _ in range(12):  # the answer to an earlier key must not take back a later one
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(100)
    settle(page)
    expect(slider).to_have_value("12")


def a_box_filters_the_list(page: Page, address: str, movies: str) -> None:
    visit(page, address)
    chart = page.get_by_test_id("stVegaLiteChart").and_(page.locator('[aria-label^="Scatter"]'))
    clear = page.get_by_role("button", name="Clear the box")
    shown = page.locator(movies)
    expect(shown.first).to_be_visible()
    everything = shown.all_inner_texts()
    for take_away in (clear.click, lambda: double_click(page, chart)):
        expect(clear).to_have_count(0)
        draw_box(page, chart)
        expect(clear).to_be_visible()
        expect(shown).not_to_have_count(len(everything))
        assert shown.count() < len(everything)
        take_away()
        expect(clear).to_have_count(0)
        expect(shown).to_have_count(len(everything))
        settle(page)
        assert shown.all_inner_texts() == everything


def draw_box(page: Page, chart: Locator) -> None:
    """Drag over the upper half of a plot: fewer movies are in it than in the list."""
    expect(chart.locator("svg, canvas").first).to_be_visible()
    box = chart.bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.4 * box["height"], steps=12)
    page.mouse.up()


def double_click(page: Page, chart: Locator) -> None:
    """Click twice below the box."""
    box = chart.bounding_box()
    assert box
    page.mouse.dblclick(box["x"] + 0.3 * box["width"], box["y"] + 0.7 * box["height"])


def presets_train_by_themselves(page: Page, address: str) -> None:
    visit(page, address)
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_text("in the queue").first).to_be_visible()
    for preset in PRESETS:
        expect(sidebar.get_by_text(preset)).to_have_count(0, timeout=LONG)


def a_training_is_watched_and_survives_reloads(page: Page, address: str) -> str:
    visit(page, f"{address}/Train")
    page.get_by_test_id("stExpander").get_by_text("Model and optimiser").click()
    # Long enough to be watched, on data as small as this.
    for label, value in (("Epochs", "1000"), ("Batch size", "1"), ("Embedding dimension", "512")):
        field = page.get_by_label(label, exact=True)
        field.fill(value)
        field.press("Enter")
        settle(page)
    before = page.url  # it already names the run of the default settings
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page).not_to_have_url(before)
    run_id = re.search(r"run=([0-9a-f]{12})", page.url).group(1)

    first = epoch_in_progress(page, 0)
    page.reload()
    settle(page)
    second = epoch_in_progress(page, first)
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    visit(page, f"{address}/Compare")  # away and back
    visit(page, f"{address}/Train?run={run_id}")
    epoch_in_progress(page, second)

    page.get_by_role("button", name="Stop").click()
    expect(page).to_have_url(re.compile(rf"run={run_id}-stopped-\d+"), timeout=LONG)
    stopped = re.search(r"run=([0-9a-z-]+)", page.url).group(1)
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    page.reload()
    settle(page)
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    return stopped


def epoch_in_progress(page: Page, above: int) -> int:
    """Wait until the progress bar tells of a later epoch than `above`; return it."""
    page.wait_for_function(
        """above => [...document.querySelectorAll('[data-testid=stMain] [data-testid=stProgress]')]
            .some(bar => Number((bar.innerText.match(/Epoch (\\d+) of/) ?? [])[1]) > above)""",
        arg=above,
        timeout=LONG,
    )
    text = page.get_by_test_id("stMain").get_by_test_id("stProgress").inner_text()
    return int(re.search(r"Epoch (\d+) of", text).group(1))


def runs_are_compared(page: Page, run_id: str) -> None:
    page.get_by_role("link", name="Compare").first.click()
    settle(page)
    expect(heading(page, "Compare")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    page.reload()
    settle(page)
    board = page.get_by_test_id("stVegaLiteChart").first
    expect(board).to_be_visible()
    a_run_is_pointed_at(page, board)


def a_run_is_pointed_at(page: Page, board: Locator) -> None:
    """Point at the first name of the legend: what belongs to others fades in every chart."""
    faded = board.locator('[opacity="0.12"]')
    expect(board.locator("svg")).to_be_visible()
    expect(faded).to_have_count(0)
    board.get_by_text("multi-task").first.hover()
    expect(faded.first).to_be_attached()
    assert faded.count() > 20
    page.mouse.move(0, 0)
    expect(faded).to_have_count(0)


def a_user_is_shown_movies(page: Page, address: str, run_id: str) -> None:
    visit(page, f"{address}/Recommend?run={run_id}&user=7")
    expect(heading(page, "Recommend")).to_be_visible()
    expect(page.get_by_test_id("stMain").get_by_text("User 7").first).to_be_visible()
    a_movie_is_explained(page)
    before = page.url
    page.get_by_role("button", name=re.compile("shuffle", re.IGNORECASE)).click()
    expect(page).not_to_have_url(before)  # chance draws another user
    settle(page)
    expect(page).to_have_url(re.compile(r"user=\d+"))
    chosen = page.url
    page.reload()
    settle(page)
    assert page.url == chosen
    expect(page.locator(".tile").first).to_be_visible()


def one_step_back_leads_to_the_page_before(page: Page, address: str) -> None:
    visit(page, address)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Recommend").click()
    expect(page.locator(".tile").first).to_be_visible()
    expect(page).to_have_url(re.compile("user="))  # the page writes what it shows into the URL
    settle(page)
    at_first = page.url
    page.locator(".tile").nth(1).click()  # what a person does is a step of its own
    expect(page).to_have_url(re.compile("movie="))
    settle(page)
    page.go_back()
    expect(page).to_have_url(at_first)
    settle(page)
    page.go_back()
    expect(heading(page, "Duet")).to_be_visible()


def a_movie_is_explained(page: Page) -> None:
    tile = page.locator(".tile").nth(1)
    title = tile.locator(".title").inner_text()
    tile.click()
    panel = page.locator(".panel")
    expect(panel.locator(".heading")).to_have_text(title)
    expect(panel.locator(".fact .value").first).to_have_text("2")
    assert panel.locator(".bar").count() > 0
    expect(panel.locator(".sum.total")).to_contain_text("above the list's mean")
    page.reload()
    settle(page)
    expect(panel.locator(".heading")).to_have_text(title)  # the URL names it
    panel.get_by_role("button", name="Stars").click()
    expect(panel.locator(".sum.total")).to_contain_text("predicted stars")
    # Any movie is found by a part of its title.
    panel.locator(".query").fill(title[1:6])
    panel.locator(".found button").first.click()
    expect(panel.locator(".query")).to_have_value("")
