"""Texts that a client wrote in place of the answer that it did not get.

`All connection attempts failed` is no answer of a model, whatever its row says of success. Models
write about errors too: `Error handling in Python` and `HTTP 503 means that …` are answers.
"""

import re
from http import HTTPStatus
from typing import Final

from benchagent.measurements.artifact_text import Unreadable
from benchagent.measurements.json_trees import Json, as_object, as_text, read_json

# Longer texts were generated, but for the trace of a program that stopped.
_LONGEST: Final = 1000
_TRACE: Final = re.compile(
    r"traceback \(most recent call last\)|\w*connectionpool\(", re.IGNORECASE
)
_PHRASES: Final = "|".join(
    [re.escape(status.phrase) for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST]
)
# What failed, said at the beginning, whatever follows.
_BEGINS: Final = re.compile(
    r"(?:\w*error|\w*exception|failed)\s*:"
    r"|[\[(<]\s*(?:error|exception)\s*[\])>]"
    r"|an? (?:\w+ )?error (?:has )?occurred\s*[:.(]"
    r"|error (?:generating|calling|connecting|communicating|contacting|querying|fetching|invoking)\b"
    r"[^.:]*:"
    r"|error (?:during|while|in) (?:the )?(?:generat\w+|inference|request|chat|completion)\b[^.:]*:"
    r"|error code\s*:\s*[45]\d\d\b"
    r"|failed to (?:connect|reach|contact|communicate|generate (?:a |the )?(?:response|reply|answer)"
    r"|load (?:the )?model|(?:get|fetch|receive) (?:a |the |any )?(?:response|reply|answer))\b"
    r"|(?:torch\.\S*\s*)?cuda (?:error:|out of memory\.)"
    r"|(?:client|server) error '[45]\d\d"
    r"|[45]\d\d (?:client|server) error:"
    r"|llama runner process has terminated\b"
    r"|model runner has unexpectedly stopped\b",
    re.IGNORECASE,
)
# What failed, and nothing else.
_WHOLE: Final = re.compile(
    r"(?:all )?connection (?:attempts failed|refused|reset by peer|aborted|timed out|error)"
    r"|(?:the )?(?:request|connection|operation|generation|call) (?:has )?timed out"
    r"(?: after [\d.]+ ?\w+)?"
    r"|(?:cuda )?out of memory"
    rf"|(?:http(?:/[\d.]+)? ?)(?:status |error |code |:)*[45]\d\d(?:\W+(?:{_PHRASES}))?"
    r"|(?:500 |502 |503 |504 |429 )?(?:internal server error|bad gateway|service unavailable"
    r"|gateway time-?out|too many requests)"
    r"|model(?: ['\"]?[\w./:-]+['\"]?)? (?:is )?not found(?:, try pulling it first)?",
    re.IGNORECASE,
)
_ERROR_PAGE: Final = re.compile(
    rf"(?:<!doctype[^>]*>\s*)?<html.*<title>\s*(?:5\d\d|429)\s+(?:{_PHRASES})\s*</title>",
    re.IGNORECASE | re.DOTALL,
)
# What stands in a server's reply beside its error.
_OF_ERRORS: Final = frozenset("error code status status_code type message detail details".split())


def reads_as_error(answer: Json) -> bool:
    """Whether the answer of a call is that of a client which got none, unless it was generated."""
    text = (as_text(answer) or "").strip()
    if _TRACE.match(text):
        return True
    if not text or len(text) > _LONGEST:
        return False
    bare = text.rstrip(".!")
    told = _BEGINS.match(text) or _WHOLE.fullmatch(bare) or _ERROR_PAGE.match(text)
    return bool(told) or _is_reply_of_error(text)


def _is_reply_of_error(text: str) -> bool:
    """Whether a text is the JSON in which a server says what failed.

    Models that are asked for JSON give errors of their own: `{"error": "no city is named"}`.
    """
    if not text.startswith("{"):
        return False
    found = read_json(text)
    reply = {} if isinstance(found, Unreadable) else as_object(found)
    if "error" not in reply or not reply.keys() <= _OF_ERRORS:
        return False
    said = reply["error"]
    return "message" in as_object(said) or reads_as_error(as_text(said))
