"""
Look after what runs: the heartbeat.

In:       the attempts that computes were told of.
Out:      reports that were missed, and facts about silence.
Not here: waits before the next try (`act.py` starts those timers).

Reports normally come by themselves; looking is for what got lost on the way, and is rare.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from pipeyard.engine.act import Actor
from pipeyard.engine.news import News
from pipeyard.engine.surroundings import Surroundings
from pipeyard.scheduler import event as facts

_log = logging.getLogger(__name__)


class Supervisor:
    """Looks at every launched attempt from time to time."""

    def __init__(self, world: Surroundings, actor: Actor, tell: Callable[[News], None]) -> None:
        """Watch over what *actor* launched."""
        self._world = world
        self._actor = actor
        self._tell = tell
        # Since when (monotonic seconds) nobody can say anything about an attempt.
        self._unheard: dict[str, float] = {}

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(self._world.pace.look_seconds)
            try:
                await self.look()
            except Exception:  # noqa: BLE001 - part of the engine's loop
                # The next look may work; what runs must not be forgotten because of one that did not.
                _log.exception("cannot look at what runs")

    async def look(self) -> None:
        """Look once at everything that runs, and say of what nobody knows of for too long that it is silent."""
        keys = self._actor.attempts.running()
        if not keys:
            self._unheard.clear()
            return
        unknown = await self._actor.look(keys)
        now = self._world.clock.monotonic()
        self._unheard = {key.attempt_id: self._unheard.get(key.attempt_id, now) for key in unknown}
        for key in unknown:
            if now - self._unheard[key.attempt_id] >= self._world.pace.silence_seconds:
                now_ms = self._world.clock.now_ms()
                self._tell(News(facts.HeartbeatLate(key.job, key.node, key.attempt, now_ms)))
