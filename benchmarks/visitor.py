"""A visitor without a browser: it speaks Streamlit's protocol and counts what it is sent.

A hundred browsers would take the machine that the server is measured on. This client does what the
browser's code does with the messages: it keeps the large ones by their hash, reruns the fragments
that ask for it, and answers the component by which a page refreshes a view that is out of date.
"""

import asyncio
import contextlib
import json
import time
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

REFRESH = "duet_refresh"  # see pages/ui/live.py
TRIGGER = "$$STREAMLIT_INTERNAL_KEY_{}__events"  # id of what a component sends once
KEPT_RUNS = 30  # global.maxCachedMessageAge in .streamlit/config.toml
COMPLETE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
PATIENCE = 60.0  # seconds for the answer to a click


class _Counted(ClientConnection):
    """A connection that counts its bytes, compressed as they may be."""

    received = 0

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        super().data_received(data)


class Visitor:
    """One open page. Use it as a context: `async with Visitor(…) as visitor`.

    Attributes:
        failures: what went wrong: an exception or an error on the page, or a lost connection.
        reruns: of fragments, by their own timers.
        pictures: messages that held a chart.
    """

    def __init__(self, address: str, page: str, query: str = "") -> None:
        """Describe a visit; `page` is the name in the URL, "" for Home."""
        self.reruns = self.pictures = 0
        self.failures: list[str] = []
        self._address, self._page, self._query = address, page, query
        self._page_hash = ""
        self._connection: _Counted | None = None
        self._widgets: dict[str, str] = {}  # key -> id
        self._drawn: dict[str, str] = {}  # the same, of the run of the page that has not ended
        self._fragments: dict[str, str] = {}  # id of a widget -> the fragment it stands in
        self._links: dict[str, str] = {}  # page -> hash
        self._states: dict[str, WidgetState] = {}  # what this visitor has set, by id
        self._kept: dict[str, tuple[int, ForwardMsg]] = {}  # hash -> last run, message
        self._runs = 0
        self._timers: dict[str, tuple[float, asyncio.Task[None]]] = {}  # by fragment
        self._finished: asyncio.Future[None] | None = None  # of what was asked for last
        self._asked_for = ""  # the fragment that this is; the whole page without one
        self._waits_for_start = False
        # A run whose end has not been sent when the next one starts is said to have ended early.
        # If that next one is of the page, the run has asked for it; else nothing is missing.
        self._ended_early = False
        self._reader: asyncio.Task[None] | None = None
        self._closed = False

    async def __aenter__(self) -> "Visitor":
        """Connect, and wait until the page is complete."""
        connection = await connect(
            f"{self._address.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=["streamlit", "PLACEHOLDER_AUTH_TOKEN"],  # type: ignore[list-item]
            max_size=None,
            ping_interval=None,
            create_connection=_Counted,
        )
        assert isinstance(connection, _Counted)
        self._connection = connection
        self._reader = asyncio.create_task(self._read())
        await self._whole_page()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave the page."""
        self._closed = True
        self._stop_timers()
        if self._connection is not None:
            await self._connection.close()
        if self._reader is not None:
            await self._reader

    @property
    def received(self) -> int:
        """Bytes of all messages so far, as they were sent over the network."""
        return self._connection.received if self._connection else 0

    @property
    def query(self) -> str:
        """The query string of the page."""
        return self._query

    async def press(self, key: str) -> float:
        """Press the button with this key; return the seconds until the answer is complete."""
        return await self._answer(WidgetState(id=self._widgets[key], trigger_value=True))

    async def choose(self, key: str, option: str) -> float:
        """Move the slider with this key to one of its options; return as `press`."""
        state = WidgetState(id=self._widgets[key])
        state.string_array_value.data.append(option)
        return await self._set(state)

    async def open(self, key: str) -> float:
        """Open the expander with this key; return as `press`."""
        return await self._set(WidgetState(id=self._widgets[key], bool_value=True))

    async def enter(self, key: str, number: int) -> float:
        """Enter a whole number in the input with this key; return as `press`."""
        return await self._set(WidgetState(id=self._widgets[key], int_value=number))

    async def go_to(self, page: str) -> float:
        """Follow the link to another page; return the seconds until it is complete."""
        self._page, self._page_hash = page, self._links[page]
        self._states.clear()
        return await self._whole_page()

    def has(self, key: str) -> bool:
        """Return whether the page has an input with this key."""
        return key in self._widgets

    async def _set(self, state: WidgetState) -> float:
        self._states[state.id] = state
        return await self._answer(state)

    async def _answer(self, state: WidgetState) -> float:
        """Send what was done; the page runs again, or the fragment that the widget stands in."""
        once = state if state.id not in self._states else None
        return await self._run(self._fragments.get(state.id, ""), once)

    async def _whole_page(self) -> float:
        return await self._run("")

    async def _run(self, fragment: str, once: WidgetState | None = None) -> float:
        start = time.perf_counter()
        self._finished = asyncio.get_running_loop().create_future()
        self._asked_for, self._waits_for_start = fragment, True
        await self._send(fragment, once, by_itself=False)
        try:
            await asyncio.wait_for(self._finished, PATIENCE)
        except TimeoutError:
            self.failures.append(f"{self._page}: no answer in {PATIENCE:.0f} s")
        return time.perf_counter() - start

    async def _send(
        self, fragment: str = "", once: WidgetState | None = None, *, by_itself: bool
    ) -> None:
        message = BackMsg()
        script = message.rerun_script
        script.query_string, script.page_name = self._query, self._page
        script.page_script_hash, script.fragment_id = self._page_hash, fragment
        script.is_auto_rerun = by_itself
        script.cached_message_hashes.extend(self._kept)
        script.context_info.url = f"{self._address}/{self._page}?{self._query}"
        script.widget_states.widgets.extend(self._states.values())
        if once is not None:
            script.widget_states.widgets.append(once)
        assert self._connection is not None
        with contextlib.suppress(ConnectionClosed):  # the reader says so
            await self._connection.send(message.SerializeToString())

    async def _read(self) -> None:
        assert self._connection is not None
        try:
            async for data in self._connection:
                message = ForwardMsg()
                message.ParseFromString(data)
                await self._take(message)
        except ConnectionClosed:
            pass
        if not self._closed:
            self.failures.append(f"{self._page}: the server closed the connection")
            if self._finished is not None and not self._finished.done():
                self._finished.set_result(None)

    async def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            if message.ref_hash not in self._kept:
                self.failures.append(f"{self._page}: a message that is not kept")
                return
            message = self._kept[message.ref_hash][1]
            kind = message.WhichOneof("type")
        if message.metadata.cacheable:
            self._kept[message.hash] = (self._runs, message)
        if kind == "new_session":
            self._start(message)
        elif kind == "delta":
            await self._draw(message)
        elif kind == "script_finished":
            self._finish(message)
        elif kind == "auto_rerun":
            self._time(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._untime(fragment)
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
            pages = message.navigation.app_pages
            self._links = {page.url_pathname: page.page_script_hash for page in pages}
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string

    def _start(self, message: ForwardMsg) -> None:
        fragments = message.metadata.run.fragment_ids
        if not fragments:
            self._stop_timers()
            self._drawn = {}
        if self._ended_early and fragments:  # only its name: the server had not sent it yet
            self._answered()
        self._ended_early = False
        if not fragments or self._asked_for in fragments:
            self._waits_for_start = False

    def _finish(self, message: ForwardMsg) -> None:
        fragments = message.metadata.run.fragment_ids
        if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            self._runs += 1
            if not fragments:
                self._widgets = self._drawn
            old = self._runs - KEPT_RUNS
            self._kept = {key: one for key, one in self._kept.items() if one[0] >= old}
        if not fragments or self._asked_for in fragments:
            if message.script_finished in COMPLETE:
                self._answered()
            self._ended_early = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def _answered(self) -> None:
        if self._finished and not self._finished.done() and not self._waits_for_start:
            self._finished.set_result(None)

    async def _draw(self, message: ForwardMsg) -> None:
        if message.delta.WhichOneof("type") == "add_block":
            self._know(message.delta.add_block.id, message.delta.fragment_id)
        if message.delta.WhichOneof("type") != "new_element":
            return
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        content: Any = getattr(element, kind or "")
        if kind == "exception":
            self.failures.append(f"{self._page}: {content.message[:300]}")
        elif kind == "alert" and content.format == content.ERROR:
            self.failures.append(f"{self._page}: {content.body[:300]}")
        elif kind == "vega_lite_chart":
            self.pictures += 1
        elif kind == "bidi_component" and REFRESH in content.component_name:
            await self._refresh(content, message.delta.fragment_id)
        self._know(str(getattr(content, "id", "")), message.delta.fragment_id)

    def _know(self, identity: str, fragment: str) -> None:
        if identity:
            key = identity.split("-", 2)[-1]
            self._widgets[key] = self._drawn[key] = identity
            self._fragments[identity] = fragment

    async def _refresh(self, component: Any, fragment: str) -> None:
        data = json.loads(component.json or component.mixed.json)
        if data["shown"] != data["newest"]:
            event = json.dumps([{"event": "newest", "value": data["newest"]}])
            once = WidgetState(id=TRIGGER.format(component.id), json_trigger_value=event)
            await self._send(fragment, once, by_itself=False)

    def _time(self, fragment: str, seconds: float) -> None:
        if fragment in self._timers and self._timers[fragment][0] == seconds:
            return
        self._untime(fragment)
        self._timers[fragment] = (seconds, asyncio.create_task(self._tick(fragment, seconds)))

    async def _tick(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self.reruns += 1
            await self._send(fragment, by_itself=True)

    def _untime(self, fragment: str) -> None:
        if fragment in self._timers:
            self._timers.pop(fragment)[1].cancel()

    def _stop_timers(self) -> None:
        for fragment in list(self._timers):
            self._untime(fragment)
