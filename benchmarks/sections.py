"""Come near the sections of a page, so that they are drawn: see `pages/ui/near.py`."""

from playwright.sync_api import Page

SECTIONS = '[class*="-section"]'
SCROLLS = 300  # to one section, at most
PAUSE = 200  # ms between two of them
AT_REST = '[data-test-script-state="notRunning"]'


def come_near_all(page: Page) -> None:
    """Scroll through a page until all of its sections are drawn.

    Raises:
        RuntimeError: one is not drawn.
    """
    for section in page.locator(SECTIONS).all():
        content = section.locator("xpath=./*").nth(1)  # beside what looks for it
        for _ in range(SCROLLS):
            if content.count():
                break
            section.scroll_into_view_if_needed()  # what is drawn above it can move it away again
            page.wait_for_timeout(PAUSE)
        else:
            raise RuntimeError(f"{page.url} does not draw {section.get_attribute('class')}")
        page.wait_for_selector(AT_REST)
