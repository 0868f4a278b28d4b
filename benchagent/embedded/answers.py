"""A generate or chat request answered: it waits its turn, streams, and ends with its client."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass

from starlette.types import Message as AsgiMessage
from starlette.types import Receive, Scope, Send

from benchagent.embedded.engine.generation import Engine, Event, Failed, Finished, Job, Piece
from benchagent.embedded.errors import EmbeddedError, RefusedError
from benchagent.embedded.model import ENGINE_CONTEXT, ServedModel
from benchagent.embedded.replies import Durations, chunk, final_fields, to_json
from benchagent.embedded.residence import Residence
from benchagent.embedded.wire import Request

logger = logging.getLogger(__name__)

JSON_TYPE = "application/json; charset=utf-8"
_STREAM_TYPE = "application/x-ndjson"
_BUSY = "server busy, please try again.  maximum pending requests exceeded"


class Turnstile:
    """How many requests may be here at once, and how many of them generate."""

    def __init__(self, *, live: int, waiting: int) -> None:
        self.live = asyncio.Semaphore(live)
        self._places = live + waiting
        self._present = 0

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Count a request as present; 503 when there is no place for it."""
        if self._present >= self._places:
            raise RefusedError(503, _BUSY)
        self._present += 1
        try:
            yield
        finally:
            self._present -= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The reply to one request, as an ASGI application; leaving cancels it at any point."""

    request: Request
    served: ServedModel
    residence: Residence
    turnstile: Turnstile
    arrived: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer until done, or until the client has gone."""
        reply = Reply(send, stream=self.request.stream)
        work = asyncio.create_task(self._answer(reply))
        # The body has been read: all that can still come is the client's leaving.
        gone = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left_early = not work.done()
            for task in (work, gone):
                task.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)
        if left_early:
            logger.info("%s: the client left; cancelled", self.request.kind)
        elif (error := work.exception()) is not None:
            raise error

    async def _answer(self, reply: "Reply") -> None:
        try:
            with self.turnstile.entered():
                await self._serve(reply)
        except RefusedError as refused:
            await reply.fail(refused.status, refused.message)
        except (EmbeddedError, RuntimeError) as error:
            # What the engine's own library raises is a RuntimeError with a sentence in it.
            await reply.fail(500, str(error))

    async def _serve(self, reply: "Reply") -> None:
        request = self.request
        if request.only_loads and request.keep_alive_s == 0:
            self.residence.unload_when_idle()
            await reply.only(chunk(request, "", done=True, done_reason="unload"))
            return
        async with self.residence.use(request.keep_alive_s) as engine:
            loaded = time.perf_counter_ns()
            self.residence.context_length = request.settings.num_ctx
            if request.only_loads:
                await reply.only(chunk(request, "", done=True, done_reason="load"))
                return
            prompt = await asyncio.to_thread(prompt_tokens, engine, request)
            job = fitted_job(request, prompt)
            async with self.turnstile.live:
                await self._generate(engine, job, reply, loaded)

    async def _generate(self, engine: Engine, job: Job, reply: "Reply", loaded: int) -> None:
        async with contextlib.aclosing(_events(engine, job)) as events:
            async for event in events:
                if isinstance(event, Piece):
                    await reply.piece(self.request, event.text)
                elif isinstance(event, Failed):
                    raise RefusedError(500, event.message)
                else:
                    at = Durations(arrived=self.arrived, loaded=loaded, done=time.perf_counter_ns())
                    await reply.last(
                        self.request, final_fields(self.request, job.prompt, event, at)
                    )
                    self._log(job, event, at)

    def _log(self, job: Job, finished: Finished, at: Durations) -> None:
        vain = ", ".join(self.request.settings.without_effect)
        logger.info(
            "%s %s: %d prompt tokens, %d generated, %.2f s, %s%s",
            self.request.kind,
            self.served.name,
            len(job.prompt),
            finished.eval_count,
            (at.done - at.arrived) / 1e9,
            finished.reason,
            f"; without effect here: {vain}" if vain else "",
        )


class Reply:
    """The reply that is being sent to one client; its headers wait for the first thing to say."""

    def __init__(self, send: Send, *, stream: bool) -> None:
        self._send = send
        self._stream = stream
        self._started = False
        self._texts: list[str] = []

    async def piece(self, request: Request, text: str) -> None:
        """Send a piece of the text at once, or keep it for the whole."""
        if self._stream:
            await self._line(chunk(request, text))
        else:
            self._texts.append(text)

    async def last(self, request: Request, fields: dict[str, object]) -> None:
        """End the reply."""
        whole = chunk(request, "".join(self._texts), **fields)
        if self._stream:
            await self._line(whole)
            await self._body(b"", more=False)
        else:
            await self.only(whole)

    async def only(self, content: dict[str, object], status: int = 200) -> None:
        """Send one JSON object and nothing else."""
        body = to_json(content)
        await self._start(status, JSON_TYPE, len(body))
        await self._body(body, more=False)

    async def fail(self, status: int, message: str) -> None:
        """Say what went wrong: as the reply, or as the last line of one that has begun."""
        logger.warning("%d: %s", status, message)
        if not self._started:
            await self.only({"error": message}, status)
            return
        await self._body(to_json({"error": message}) + b"\n", more=True)
        await self._body(b"", more=False)

    async def _line(self, content: dict[str, object]) -> None:
        if not self._started:
            await self._start(200, _STREAM_TYPE, None)
        await self._body(to_json(content) + b"\n", more=True)

    async def _start(self, status: int, content_type: str, length: int | None) -> None:
        self._started = True
        headers = [(b"content-type", content_type.encode())]
        if length is not None:
            headers.append((b"content-length", str(length).encode()))
        start: AsgiMessage = {"type": "http.response.start", "status": status, "headers": headers}
        await self._send(start)

    async def _body(self, body: bytes, *, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})


def prompt_tokens(engine: Engine, request: Request) -> tuple[int, ...]:
    """Turn a request's conversation or raw text into tokens, after those it goes on from."""
    if request.raw_prompt is not None:
        return engine.encode(request.raw_prompt, raw=True)
    return request.context + engine.encode(engine.render(request.messages), raw=False)


def fitted_job(request: Request, prompt: tuple[int, ...]) -> Job:
    """Return the job whose prompt and answer fit the context together.

    Raises:
        RefusedError: 400 where the prompt leaves no room for an answer; nothing is ever cut.
    """
    settings = request.settings
    room = settings.num_ctx - len(prompt)
    if not prompt:
        raise RefusedError(400, "the prompt has no tokens")
    if room < 1 or len(prompt) >= ENGINE_CONTEXT:
        at_least = "at least " if len(prompt) >= ENGINE_CONTEXT else ""
        raise RefusedError(
            400,
            "the prompt is longer than the context length currently available: it has "
            f"{at_least}{len(prompt)} tokens, num_ctx is {settings.num_ctx} and an answer needs "
            "one more; shorten the prompt or raise num_ctx",
        )
    return Job(
        prompt=prompt,
        max_new_tokens=min(settings.num_predict or room, room),
        sampling=settings.sampling,
        grammar=request.grammar,
    )


async def _events(engine: Engine, job: Job) -> AsyncGenerator[Event, None]:
    """Run a job; its events arrive from the engine's thread. Closing the generator cancels it."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Event] = asyncio.Queue()

    def emit(event: Event) -> None:
        # The loop is closed when the server stops in the middle of a job.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(queue.put_nowait, event)

    cancel = engine.generate(job, emit)
    try:
        while True:
            event = await queue.get()
            yield event
            if not isinstance(event, Piece):
                return
    finally:
        cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
