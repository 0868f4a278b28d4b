"""How a request to a model server ends: every ending has a name, a culprit and a remedy."""

from typing import Literal, NamedTuple, get_args

Outcome = Literal[
    "ok",
    "length",
    "empty",
    "repetition",
    "off_schema",
    "no_done",
    "malformed",
    "too_large",
    "wrong_model",
    "truncated",
    "prompt_too_long",
    "bad_request",
    "unauthorized",
    "busy",
    "server_error",
    "stream_error",
    "dropped",
    "timeout_first_token",
    "timeout_between_tokens",
    "timeout_total",
    "redirected",
    "not_ollama",
    "model_missing",
    "refused",
    "unreachable",
    "cancelled",
]
ErrorClass = Literal["model", "server", "network", "request", "setup", "person"]
Remedy = Literal["none", "reseed", "back_off", "raise", "back_off_then_raise"]


class Rule(NamedTuple):
    """Whose failure an outcome is, and what is done about it.

    `reseed` asks once more with another seed, `back_off` waits and asks the same again, `raise`
    means that nobody can report about anything until a person has acted, `back_off_then_raise`
    that this is so once waiting did not help.
    """

    error_class: ErrorClass | None
    remedy: Remedy
    meaning: str

    @property
    def waits(self) -> bool:
        """Whether the same may go well a little later."""
        return self.remedy in ("back_off", "back_off_then_raise")

    @property
    def raises(self) -> bool:
        """Whether nobody can report, once waiting is over where it can help."""
        return self.remedy in ("raise", "back_off_then_raise")


RULES: dict[Outcome, Rule] = {
    "ok": Rule(None, "none", "complete: status 200, done, done_reason stop"),
    "length": Rule("model", "reseed", "cut at num_predict or at the end of the context"),
    "empty": Rule("model", "reseed", "complete, without a word of answer"),
    "repetition": Rule("model", "reseed", "the same words over and over; stopped"),
    "off_schema": Rule("model", "reseed", "complete, but not what the schema asks for"),
    "no_done": Rule("server", "reseed", "the stream ended without a final object"),
    "malformed": Rule("server", "reseed", "a line of the stream is not a chat object"),
    "too_large": Rule("server", "reseed", "more bytes than any honest reply has; stopped"),
    "wrong_model": Rule("server", "none", "another model answered"),
    "truncated": Rule("server", "none", "the model did not see the whole prompt"),
    "prompt_too_long": Rule("request", "none", "prompt longer than the context; nothing was cut"),
    "bad_request": Rule("request", "none", "the server refuses what we asked"),
    "unauthorized": Rule("setup", "none", "the server wants a key, or forbids this client"),
    "busy": Rule("server", "back_off", "the queue is full"),
    "server_error": Rule("server", "back_off", "status 5xx before the first token"),
    "stream_error": Rule("server", "back_off", "an error object inside the stream"),
    "dropped": Rule("network", "back_off", "the connection closed before the reply was whole"),
    "timeout_first_token": Rule("server", "none", "nothing before the deadline of the first token"),
    "timeout_between_tokens": Rule("server", "none", "the stream stood still for too long"),
    "timeout_total": Rule("server", "none", "not done before the deadline of the call"),
    "redirected": Rule("setup", "none", "the address answers with another address"),
    "not_ollama": Rule("setup", "none", "something else than Ollama answers there"),
    "model_missing": Rule("setup", "raise", "the server does not have this model"),
    "refused": Rule("setup", "back_off_then_raise", "nothing listens at this address"),
    "unreachable": Rule("network", "raise", "no way to this address"),
    "cancelled": Rule("person", "none", "stopped by a person or by the program around us"),
}

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
