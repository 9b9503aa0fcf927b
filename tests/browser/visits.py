"""What tests do on any page: go there, wait until it has run, and find its heading."""

from playwright.sync_api import Locator, Page, expect

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


def presets_train_by_themselves(page: Page, address: str) -> None:
    visit(page, address)
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_text("in the queue").first).to_be_visible()
    for preset in PRESETS:
        expect(sidebar.get_by_text(preset)).to_have_count(0, timeout=LONG)
