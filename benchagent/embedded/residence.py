"""The model in memory: loaded when first wanted, dropped when nobody has asked for a while."""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

from benchagent.embedded.engine.generation import Engine

logger = logging.getLogger(__name__)

# Ollama writes "forever" as the longest time that fits 64 bits of nanoseconds.
_FOREVER = timedelta(days=292 * 365)


class Residence:
    """Who uses the model, and until when it stays; lives in one event loop."""

    def __init__(self, start: Callable[[], Engine], *, keep_alive_s: float) -> None:
        """Take the function that starts an engine.

        Args:
            start: returns an engine that can be waited for; quick.
            keep_alive_s: how long the model stays after a request that does not say.
        """
        self._start = start
        self._started: Engine | None = None
        self._default_s = self._keep_s = keep_alive_s
        self._loading: asyncio.Task[Engine] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._users = 0
        self._until = datetime.now(UTC)
        self.context_length = 0

    @property
    def is_loaded(self) -> bool:
        """Whether a request would find the model in memory."""
        task = self._loading
        return bool(task and task.done() and not task.cancelled() and task.exception() is None)

    @property
    def expires_at(self) -> datetime:
        """When the model goes, if nobody asks again; while in use, as if it were released now."""
        return _after(self._keep_s) if self._users else self._until

    def preload(self) -> None:
        """Begin loading before anybody asks."""
        task = self._start_loading()
        task.add_done_callback(lambda _: None if self._users else self._release(self._default_s))

    @contextlib.asynccontextmanager
    async def use(self, keep_alive_s: float | None) -> AsyncIterator[Engine]:
        """Hold the model in memory, loading it if need be; the last user's wish decides its stay."""
        if self._timer is not None:
            self._timer.cancel()
        self._users += 1
        try:
            engine = await self._engine()
            self._keep_s = self._default_s if keep_alive_s is None else keep_alive_s
            yield engine
        finally:
            self._users -= 1
            if not self._users:
                self._release(self._keep_s)

    def unload_when_idle(self) -> None:
        """Drop the model now, or as soon as its last user is done."""
        self._keep_s = 0
        if not self._users and self._loading is not None:
            self._release(0)

    async def close(self) -> None:
        """Drop the model for good."""
        if self._timer is not None:
            self._timer.cancel()
        self._drop()
        if self._closing is not None:
            await self._closing

    async def _engine(self) -> Engine:
        while True:
            if self._closing is not None:
                await asyncio.shield(self._closing)
            task = self._start_loading()
            # A client that leaves must not take the load away from the others.
            engine = await asyncio.shield(task)
            if task is not self._loading:
                continue
            if engine.alive:
                return engine
            logger.error("the engine has died; loading the model anew")
            self._drop()

    def _start_loading(self) -> asyncio.Task[Engine]:
        if self._loading is None:
            self._loading = asyncio.create_task(self._load())
            self._loading.add_done_callback(self._forget_failure)
        return self._loading

    async def _load(self) -> Engine:
        if self._closing is not None:
            await asyncio.shield(self._closing)
        started = time.monotonic()
        engine = self._started = self._start()
        await asyncio.to_thread(engine.wait_ready)
        logger.info("the model is loaded (%.1f s)", time.monotonic() - started)
        return engine

    def _forget_failure(self, task: asyncio.Task[Engine]) -> None:
        failed = task.cancelled() or task.exception() is not None
        if failed and self._loading is task:
            if not task.cancelled():
                logger.error("the model could not be loaded: %s", task.exception())
            self._drop()

    def _release(self, keep_s: float) -> None:
        """Set the time at which the unused model goes."""
        if self._timer is not None:
            self._timer.cancel()
        self._until = _after(keep_s)
        if keep_s <= 0:
            self._drop()
        elif keep_s < math.inf:
            self._timer = asyncio.get_running_loop().call_later(keep_s, self._drop)

    def _drop(self) -> None:
        if self._loading is None:
            return
        task, self._loading = self._loading, None
        engine, self._started = self._started, None
        self._closing = asyncio.create_task(self._close_engine(task, engine, self._closing))

    async def _close_engine(
        self,
        loading: asyncio.Task[Engine],
        engine: Engine | None,
        earlier: asyncio.Task[None] | None,
    ) -> None:
        """Closing an engine ends its load as well, so nobody waits for a model unwanted by now."""
        if engine is None:
            loading.cancel()
        else:
            await asyncio.to_thread(engine.close)
            logger.info("the model is unloaded")
        await asyncio.wait({loading, *([earlier] if earlier else [])})


def _after(seconds: float) -> datetime:
    return datetime.now(UTC) + (_FOREVER if seconds == math.inf else timedelta(seconds=seconds))
