"""Views that follow what runs, on a server of their own: nothing that somebody clicks is lost."""

import asyncio
import json
import os
from pathlib import Path

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks import app_server
from benchmarks.visitor import TRIGGER, Visitor
from tests.faults import own_loop

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
APP = """
import time
import streamlit as st
from pages.ui import live

@st.fragment
def slow():
    if st.button("slow", key="slow"):
        time.sleep(2)

@st.fragment
def clicked():
    st.markdown("chosen " + st.selectbox("choice", ["a", "b"], key="choice"))
    if st.button("button", key="button"):
        st.markdown("pressed")

def small():
    live.refresh("curves", shown=0, newest=0)

def curves():
    st.session_state.drawn = st.session_state.get("drawn", 0) + 1
    st.markdown(f"drawn {st.session_state.drawn}")

choice = st.selectbox("whole page", ["a", "b"], key="whole")
st.markdown("page " + choice)
slow()
clicked()
live.periodic(small, active=False)()
live.on_demand(curves, "curves")()
"""


class Reader(Visitor):
    """A visitor who reads what is on the page, and can click while the server is busy."""

    def __init__(self, address: str) -> None:
        super().__init__(address, "")
        self.texts: list[str] = []  # in the order in which they came
        self.refresher = "", ""  # id of the component that refreshes, and its fragment

    async def _take(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        if element.HasField("markdown"):
            self.texts.append(element.markdown.body)
        if element.HasField("bidi_component"):
            self.refresher = element.bidi_component.id, message.delta.fragment_id
        await super()._take(message)

    async def click(self, key: str) -> None:
        """Press a button, without waiting."""
        state = WidgetState(id=self._widgets[key], trigger_value=True)
        await self._send(self._fragments[state.id], state, by_itself=False)

    async def select(self, key: str, option: str) -> None:
        """Choose in a box, without waiting."""
        state = WidgetState(id=self._widgets[key], string_value=option)
        self._states[state.id] = state
        await self._send(self._fragments[state.id], by_itself=False)

    async def refresh(self) -> None:
        """Say that the curves are out of date, as the browser does."""
        component, fragment = self.refresher
        event = json.dumps([{"event": "newest", "value": 1}])
        once = WidgetState(id=TRIGGER.format(component), json_trigger_value=event)
        await self._send(fragment, once, by_itself=False)

    async def reads(self, *texts: str, drawn: int) -> None:
        """Wait until the page has all of these, and curves drawn so many times or more.

        A drawing can be interrupted by the next one, before it is sent.
        """
        async with asyncio.timeout(SECONDS):
            while not set(texts) <= set(self.texts) or self._drawn_times() < drawn:
                await asyncio.sleep(0.05)

    def _drawn_times(self) -> int:
        return max(
            (int(one.split()[1]) for one in self.texts if one.startswith("drawn")), default=0
        )


async def click_beside_refreshes(address: str) -> None:
    """Click while the server is busy, each time just before or after a view is refreshed."""
    async with Reader(address) as page:
        await page.reads("chosen a", drawn=1)
        await page.click("slow")
        await page.refresh()
        await page.select("choice", "b")
        await page.reads("chosen b", drawn=2)

        await page.click("slow")
        await page.click("button")
        await page.refresh()
        await page.reads("pressed", drawn=3)

        await page.select("whole", "b")
        await page.refresh()
        await page.reads("page b", drawn=4)
        assert page.failures == []


def test_what_somebody_clicks_on_is_not_lost_to_a_view_that_is_refreshed(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(APP)
    log = tmp_path / "log"
    with app_server.running(app, os.environ | {"PYTHONPATH": str(ROOT)}, log) as served:
        own_loop.run(click_beside_refreshes(served.address))


STOPPED = """
import streamlit as st
from pages.ui import live

live.forget_fragments()
choice = st.selectbox("page", ["long", "short"], key="page")
st.markdown("page " + choice)

@st.fragment
def part():
    st.session_state.drawn = st.session_state.get("drawn", 0) + 1
    st.button("button", key="button")
    st.markdown(f"drawn {st.session_state.drawn}")

if choice == "short":
    st.stop()
part()
"""


async def ask_a_part_that_is_gone(address: str) -> list[str]:
    """Press a button of a page that has just become a shorter one; return what was read."""
    async with Reader(address) as page:
        await page.reads("page long", drawn=1)
        await page.click("button")
        await page.reads(drawn=2)
        pressed = page._widgets["button"]
        part = page._fragments[pressed]
        await page.select("page", "short")
        await page.reads("page short", drawn=2)
        await page._send(part, WidgetState(id=pressed, trigger_value=True), by_itself=False)
        await page.select("page", "long")  # answered after what was sent before it
        await page.reads(drawn=3)
        return page.texts


def test_part_of_a_page_that_has_stopped_early_is_not_drawn_into_it(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(STOPPED)
    with app_server.running(app, os.environ | {"PYTHONPATH": str(ROOT)}) as served:
        texts = own_loop.run(ask_a_part_that_is_gone(served.address))
    assert texts == ["page long", "drawn 1", "drawn 2", "page short", "page long", "drawn 3"]
