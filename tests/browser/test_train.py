"""The Train page: what is trained is what its inputs show, however fast somebody is."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pages.ui import state
from pages.ui.train.form import WEIGHT_STEPS
from pages.ui.train.other import DIMMED
from recsys.config import make_config, run_id
from recsys.data.tables import Dataset
from tests.browser.conftest import Line, Serve
from tests.browser.visits import LONG, heading, settle, visit

pytestmark = pytest.mark.browser


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


@pytest.mark.usefixtures("trained_presets")
def test_train_before_the_page_shows_a_change_trains_with_it(
    serve: Serve, page: Page, line: Line, browser_data: Dataset
) -> None:
    with serve() as address:

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


@pytest.mark.usefixtures("trained_presets")
def test_settings_changed_before_the_url_shows_the_new_run_are_kept(
    serve: Serve, page: Page, line: Line, browser_data: Dataset
) -> None:
    with serve() as address:
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


@pytest.mark.usefixtures("trained_presets")
def test_result_of_other_settings_is_dimmed_until_the_settings_are_back(
    serve: Serve, page: Page
) -> None:
    with serve() as address:
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


@pytest.mark.usefixtures("trained_presets")
def test_pointer_over_a_curve_tells_the_values_of_the_nearest_epoch(
    serve: Serve, page: Page
) -> None:
    with serve() as address:
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
