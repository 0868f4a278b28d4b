"""Everything that a model server does wrong, as one table: what is done, and what comes of it.

`test_faults.py` plays each row at the wire; `docs/faults.md` is written from it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from benchagent.calls.conversation import Patience
from benchagent.calls.deadlines import Deadlines
from benchagent.calls.outcomes import RULES, ErrorClass, Outcome, Remedy
from benchagent_tests.scripted_replies import (
    Script,
    cut,
    cut_inside,
    drip,
    error_in_stream,
    hang,
    html,
    huge,
    raw_lines,
    redirect,
    say,
    say_of_half,
    status,
    token_loop,
    without_done,
)

USUAL = Deadlines(connect=60.0, load=60.0, first_token=60.0, between_tokens=60.0, total=120.0)
NO_TOKEN = Deadlines(connect=60.0, load=0.05, first_token=0.15, between_tokens=60.0, total=120.0)
STANDS_STILL = Deadlines(first_token=60.0, between_tokens=0.15, total=120.0)
NEVER_DONE = Deadlines(first_token=60.0, between_tokens=60.0, total=1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        what: in words, as the table has it.
        script: how the server does it; None: nothing listens any more.
        says: a part of the record's `detail`.
        text: whether a part of the reply came, and is kept; None: a race decides.
        shown: the detail as the table has it, where `says` would mean nothing to a reader.
    """

    what: str
    script: Script | None
    outcome: Outcome
    says: str = ""
    deadlines: Deadlines = USUAL
    text: bool | None = False
    shown: str | None = None

    @property
    def error_class(self) -> ErrorClass | None:
        """Whose failure it is."""
        return RULES[self.outcome].error_class

    @property
    def remedy(self) -> Remedy:
        """What is done about it."""
        return RULES[self.outcome].remedy


def a_fault(what: str, script: Script | None, outcome: Outcome, says: str, **more: Any) -> Fault:
    return Fault(what=what, script=script, outcome=outcome, says=says, **more)


def _wrong_status() -> Iterator[Fault]:
    yield a_fault("connection refused", None, "refused", "refused")
    yield a_fault(
        "404: the model went away",
        status(404, "model 'm' not found"),
        "model_missing",
        "ollama pull",
    )
    yield a_fault(
        "404 of another server", status(404, body=b"404 page not found"), "not_ollama", "page not"
    )
    yield a_fault(
        "500: the runner crashed",
        status(500, "llama runner terminated"),
        "server_error",
        "runner terminated",
    )
    yield a_fault(
        "500: an option of a wrong type",
        status(500, 'option "num_ctx" must be of type integer'),
        "bad_request",
        "must be of type integer",
    )
    yield a_fault(
        "502 of a gateway", status(502, body=b"<html>", kind="text/html"), "server_error", "502"
    )
    yield a_fault("503: the queue is full", status(503, "server busy"), "busy", "server busy")
    yield a_fault(
        "400: a schema that it cannot read",
        status(400, '{"error":{"code":400}}'),
        "bad_request",
        "status 400",
    )
    yield a_fault(
        "400: the prompt is too long",
        status(400, '{"error":{"type":"exceed_context_size_error"}}'),
        "prompt_too_long",
        "exceed_context_size_error",
    )
    yield a_fault("401: not signed in", status(401, "unauthorized"), "unauthorized", "status 401")
    yield a_fault("403 of its host check", status(403), "unauthorized", "status 403")
    yield a_fault("a redirect", redirect("http://elsewhere/"), "redirected", "http://elsewhere/")
    yield a_fault("a permanent redirect", redirect("https://e/", 301), "redirected", "status 301")
    yield a_fault("HTML of a proxy, status 200", html(), "not_ollama", "text/html")
    yield a_fault("HTML of a proxy, status 400", html(400), "not_ollama", "text/html")


def _silence() -> Iterator[Fault]:
    yield a_fault(
        "hangs before the headers", hang(), "timeout_first_token", "s passed", deadlines=NO_TOKEN
    )
    yield a_fault(
        "hangs after the headers",
        hang(after_chunks=0),
        "timeout_first_token",
        "s passed",
        deadlines=NO_TOKEN,
    )
    yield a_fault(
        "drips a line, a byte a second",
        drip(1.0),
        "timeout_first_token",
        "s passed",
        deadlines=NO_TOKEN,
    )
    yield a_fault(
        "drips headers, a byte a second",
        drip(1.0, headers=True),
        "timeout_first_token",
        "s passed",
        deadlines=NO_TOKEN,
    )
    yield a_fault(
        "stops in the middle",
        hang(after_chunks=2),
        "timeout_between_tokens",
        "2 chunks had come",
        deadlines=STANDS_STILL,
        text=True,
    )
    yield a_fault(
        "talks and talks",
        say("", pieces=[f"{n} " for n in range(400)], gap_s=0.02),
        "timeout_total",
        "s passed",
        deadlines=NEVER_DONE,
        text=True,
    )


def _broken_streams() -> Iterator[Fault]:
    yield a_fault("cut before the first chunk", cut(0), "dropped", "incomplete")
    yield a_fault("cut after some chunks", cut(3), "dropped", "incomplete", text=True)
    yield a_fault("cut inside a chunk", cut_inside(3), "dropped", "incomplete", text=True)
    yield a_fault(
        "reset after some chunks",
        cut(3, reset=True),
        "dropped",
        "Error",
        shown="`ReadError`",
        text=None,
    )
    yield a_fault(
        '`{"error"}` in the stream',
        error_in_stream(2, "CUDA error"),
        "stream_error",
        "CUDA error",
        text=True,
    )
    yield a_fault(
        "an error that is an object", error_in_stream(0, {"code": 5}), "stream_error", '{"code": 5}'
    )
    yield a_fault("ends without `done`", without_done("a", "b"), "no_done", "2 chunks", text=True)
    yield a_fault("an empty stream", without_done(), "no_done", "0 chunks")
    yield a_fault(
        "`done` for a reason that is none of an answer",
        say("", reason="load"),
        "no_done",
        "done_reason is 'load'",
    )
    yield a_fault("bad JSON", raw_lines(b'{"model":"m"\n'), "malformed", "after 0 chunks")
    yield a_fault(
        "bytes that are no UTF-8",
        raw_lines(b'{"message":{"content":"\xff"}}\n'),
        "malformed",
        "after 0 chunks",
    )
    yield a_fault("JSON that is no object", raw_lines(b"[1]\n"), "malformed", "[1]")
    yield a_fault(
        "an object without a message",
        raw_lines(b'{"model":"tiny:1b","done":true}\n'),
        "malformed",
        "a line without a message",
    )
    yield a_fault("10 MB of text", huge(10), "too_large", "stopped", text=True)


def _bad_replies() -> Iterator[Fault]:
    yield a_fault(
        "cut at num_predict", say("word " * 9, reason="length"), "length", "not finished", text=True
    )
    yield a_fault("no answer", say(""), "empty", "0 characters of thinking")
    yield a_fault(
        "thinking alone",
        say("", thinking="So, let me see"),
        "empty",
        "14 characters of thinking",
        text=True,
    )
    yield a_fault(
        "the same token for ever", token_loop(), "repetition", "stopped after 64", text=True
    )
    yield a_fault(
        "the same phrase for ever",
        say("it is faster and " * 60),
        "repetition",
        "stopped after",
        text=True,
    )
    yield a_fault(
        "a loop that the server ends itself",
        without_done(*["\n"] * 31),
        "repetition",
        "gave up",
        text=True,
    )
    yield a_fault(
        "another model answers",
        say("hi", model="other:7b"),
        "wrong_model",
        "'other:7b' answered",
        text=True,
    )
    yield a_fault(
        "the middle of the prompt cut out",
        say_of_half("fine"),
        "truncated",
        "after the middle is cut",
        text=True,
    )
    yield a_fault(
        "ignores the schema",
        say("Sure! Here is your JSON: {}"),
        "off_schema",
        "JSON",
        text=True,
        shown="where in the reply it leaves the schema",
    )


def _harmless() -> Iterator[Fault]:
    yield a_fault(
        "blank lines", raw_lines(b"\n", b"  \r\n", _whole, b"\n"), "ok", "", shown="nothing"
    )
    yield a_fault(
        "raw U+0085 and U+2028 in a line",
        raw_lines(lambda turn: turn.line('"\u0085\u2028'), lambda turn: turn.final("stop", 2)),
        "ok",
        "",
        shown="nothing; lines end at `\\n` alone",
    )
    yield a_fault(
        "no metrics", say("x", metrics={}), "ok", "", shown="counts, durations, rates null"
    )
    yield a_fault(
        "metrics of zero",
        say("x", metrics={"total_duration": 0, "eval_count": 0, "eval_duration": 0}),
        "ok",
        "",
        shown="counts, durations, rates null",
    )
    yield a_fault(
        "its clock jumps back",
        say("x", metrics={"total_duration": -5, "eval_duration": -1, "eval_count": 3}),
        "ok",
        "",
        shown="durations and rates null",
    )
    yield a_fault(
        "its clock jumps forward",
        say("x", metrics={"total_duration": 3_600 * 10**9}),
        "ok",
        "",
        shown="its duration; the overhead null",
    )


def _whole(turn: Any) -> bytes:
    return turn.line("fine", done=True, done_reason="stop")


FAULTS: tuple[Fault, ...] = (
    *_wrong_status(),
    *_silence(),
    *_broken_streams(),
    *_bad_replies(),
    *_harmless(),
)

_WHOSE: dict[ErrorClass | None, str] = {
    None: "nobody's",
    "model": "the model's",
    "server": "the server's",
    "network": "the network's",
    "request": "ours",
    "setup": "the set-up's",
    "person": "a person's",
}


def say_remedy(remedy: Remedy) -> str:
    """What is done after such an end, with the numbers of a usual conversation."""
    patience = Patience()
    waits = " and ".join(f"{seconds:g} s" for seconds in patience.waits_s)
    return {
        "none": "no",
        "reseed": f"{'once' if patience.reseeds == 1 else patience.reseeds}, with another seed",
        "back_off": f"after {waits}",
        "raise": "no; the agent's step fails, with what to do",
        "back_off_then_raise": f"after {waits}; then the agent's step fails, with what to do",
    }[remedy]


def list_faults(faults: Iterable[Fault] = FAULTS) -> str:
    """The table of faults in Markdown."""
    rows = [
        "| what the server does | outcome | the record says | asked again |",
        "|---|---|---|---|",
    ]
    for fault in faults:
        said = fault.shown or f"`{fault.says}`"
        again = "no need" if fault.outcome == "ok" else say_remedy(fault.remedy)
        rows.append(f"| {fault.what} | `{fault.outcome}` | {said} | {again} |")
    return "\n".join(rows)


def list_outcomes() -> str:
    """The table of outcomes in Markdown."""
    rows = ["| outcome | what it means | whose failure | asked again |", "|---|---|---|---|"]
    for outcome, rule in RULES.items():
        again = "no need" if outcome == "ok" else say_remedy(rule.remedy)
        rows.append(f"| `{outcome}` | {rule.meaning} | {_WHOSE[rule.error_class]} | {again} |")
    return "\n".join(rows)
