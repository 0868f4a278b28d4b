"""The engine's side of a generation: requests join and leave between two steps of the model."""

import logging
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy

from benchagent.embedded.engine.generation import (
    Emit,
    Failed,
    Finished,
    Job,
    Message,
    Piece,
    Sampling,
)
from benchagent.embedded.engine.loading import engine_reason, import_engine
from benchagent.embedded.engine.text_stream import TextStream
from benchagent.embedded.model import ServedModel
from benchagent.embedded.quoting import ControlWords

logger = logging.getLogger(__name__)


class _Ticket:
    """One job on its way through the engine."""

    def __init__(self, handle: Any, emit: Emit, decode: Callable[[Sequence[int]], str]) -> None:
        self.handle = handle
        self.emit = emit
        self.text = TextStream(decode)


class Stepper:
    """A model in memory, to be stepped by its owner; not to be shared between threads."""

    def __init__(self, pipeline: Any, model: ServedModel) -> None:
        """Take over a pipeline from `open_pipeline`."""
        self._genai = import_engine()
        # Only now: imported first, OpenVINO would report its use and write into the home folder.
        self._tensor = import_module("openvino").Tensor
        self._pipeline = pipeline
        self._tokenizer = pipeline.get_tokenizer()
        self._words = ControlWords(model.header.control_tokens)
        self._live: dict[int, _Ticket] = {}

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to step."""
        return not self._live

    def render(self, messages: Sequence[Message]) -> str:
        """Write a conversation in the model's template; control words in its texts are broken."""
        turns = [{"role": m.role, "content": self._words.neutralise(m.content)} for m in messages]
        return self._tokenizer.apply_chat_template(turns, add_generation_prompt=True)

    def encode(self, prompt: str, *, raw: bool) -> tuple[int, ...]:
        """Turn text into tokens; more than 8,192 come back as just 8,192."""
        encoded = self._tokenizer.encode(prompt, add_special_tokens=raw)
        return tuple(int(token) for token in encoded.input_ids.data.reshape(-1))

    def admit(self, number: int, job: Job, emit: Emit) -> None:
        """Let a job take part in the steps from now on, under a number never used before."""
        try:
            tokens = self._tensor(numpy.array([job.prompt], dtype=numpy.int64))
            handle = self._pipeline.add_request(number, tokens, self._config(job))
        except RuntimeError as error:
            emit(Failed(message=engine_reason(error)))
        else:
            self._live[number] = _Ticket(handle, emit, self._decode)

    def cancel(self, number: int) -> None:
        """Take a job out; one that has ended is left alone."""
        ticket = self._live.pop(number, None)
        if ticket is None:
            return
        ticket.handle.cancel()
        # Its place is only cleared by a step, and no other job may be stepped in its company.
        if not self._live and self._pipeline.has_non_finished_requests():
            self._pipeline.step()

    def step(self) -> None:
        """Generate one token for every live job, or a piece of a prompt; tell their owners."""
        try:
            self._pipeline.step()
        except RuntimeError as error:
            self._recover(engine_reason(error))
        for number, ticket in list(self._live.items()):
            self._take_output(number, ticket)

    def _decode(self, tokens: Sequence[int]) -> str:
        return self._tokenizer.decode(list(tokens)) if tokens else ""

    def _config(self, job: Job) -> Any:
        config = self._genai.GenerationConfig()
        config.apply_chat_template = False
        config.max_new_tokens = job.max_new_tokens
        _set_sampling(config, job.sampling)
        if job.grammar is not None:
            config.structured_output_config = self._genai.StructuredOutputConfig(
                grammar=job.grammar
            )
        return config

    def _recover(self, reason: str) -> None:
        """One bad request (a grammar that does not compile) fails the step of all of them.

        After all are cancelled, one more step clears the pipeline.
        """
        logger.error("a step of the engine failed: %s", reason)
        failed, self._live = self._live, {}
        for ticket in failed.values():
            ticket.handle.cancel()
            ticket.emit(Failed(message=reason))
        self._pipeline.step()

    def _take_output(self, number: int, ticket: _Ticket) -> None:
        tokens: list[int] = []
        finish = None
        while ticket.handle.can_read():
            for output in ticket.handle.read().values():
                tokens.extend(output.generated_ids)
                finish = output.finish_reason
        text = ticket.text.add(tokens) if tokens else ""
        if text:
            ticket.emit(Piece(text=text))
        status = ticket.handle.get_status().name
        if status != "RUNNING":
            del self._live[number]
            _finish(ticket, status, "" if finish is None else finish.name)


def _finish(ticket: _Ticket, status: str, finish: str) -> None:
    if status != "FINISHED":
        ticket.emit(Failed(message="the engine ran out of memory for its attention cache"))
        return
    rest = ticket.text.finish()
    if rest:
        ticket.emit(Piece(text=rest))
    metrics = ticket.handle.get_perf_metrics()
    times_ms = metrics.raw_metrics.m_new_token_times
    ticket.emit(
        Finished(
            reason="length" if finish == "LENGTH" else "stop",
            prompt_ns=int(metrics.get_ttft().mean * 1e6),
            eval_count=metrics.get_num_generated_tokens(),
            eval_ns=int((times_ms[-1] - times_ms[0]) * 1e6) if len(times_ms) > 1 else 0,
            tokens=ticket.text.tokens,
        )
    )


def _set_sampling(config: Any, sampling: Sampling) -> None:
    config.stop_strings = set(sampling.stop)
    config.repetition_penalty = sampling.repeat_penalty
    config.presence_penalty = sampling.presence_penalty
    config.frequency_penalty = sampling.frequency_penalty
    config.do_sample = not sampling.greedy
    if not sampling.greedy:
        config.temperature = sampling.temperature
        config.top_k = sampling.top_k
        config.top_p = sampling.top_p
        config.min_p = sampling.min_p
        config.rng_seed = sampling.seed
