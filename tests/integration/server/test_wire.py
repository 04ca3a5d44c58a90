"""How answers leave: a head and the first part of its body together."""

from __future__ import annotations

import asyncio

from pipeyard.server.wire import _Holding


class Wire:
    """A transport that notes what it is given."""

    def __init__(self):
        self.written = []
        self.is_closed = False

    def write(self, data):
        self.written.append(data)

    def close(self):
        self.is_closed = True


def written(*steps):
    """Return what was written when each step was done in the same moment, and what a moment later."""
    wire = Wire()

    async def act():
        holding = _Holding(wire, asyncio.get_running_loop())
        for step in steps:
            step(holding)
        at_once = list(wire.written)
        await asyncio.sleep(0)
        return at_once

    return asyncio.run(act()), wire


HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


def test_a_short_answer_is_one_write():
    """Its end, which is empty, is none."""
    at_once, wire = written(lambda to: to.write(HEAD), lambda to: to.write(b"{}"), lambda to: to.write(b"more"))

    assert at_once == wire.written == [HEAD + b"{}", b"more"]


def test_a_head_alone_leaves_by_itself():
    """A stream of events has begun before its first event."""
    at_once, wire = written(lambda to: to.write(HEAD))

    assert (at_once, wire.written) == ([], [HEAD])


def test_nothing_is_lost_at_the_end():
    """A head without a body, and then the connection is closed; the client is told to go on at once."""
    go_on = b"HTTP/1.1 100 Continue\r\n\r\n"
    at_once, wire = written(lambda to: to.write(go_on), lambda to: to.write(HEAD), lambda to: to.close())

    assert at_once == wire.written == [go_on, HEAD]
    assert wire.is_closed
