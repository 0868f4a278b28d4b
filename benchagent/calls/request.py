"""What is asked of a model, and the exact bytes that ask it.

What an agent chose and what we add are kept apart: the number of tokens to predict, the seed,
thinking off, and the two switches without which Ollama cuts a long prompt and says nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from benchagent.calls.deadlines import Deadlines
from benchagent.calls.identity import ModelIdentity, effective_options
from benchagent.calls.model_call import Asked

Think = bool | Literal["low", "medium", "high", "max"]

# Never cut the prompt, never push the beginning out while answering; both default to true.
SWITCHES = {"truncate": False, "shift": False}
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """One question to a model.

    Attributes:
        system: the persona; an empty one is not sent.
        schema: JSON schema of the reply. Key order survives on the wire.
        options: the agent's own; they win over `num_predict` and `seed`.
        num_predict: how many tokens at most, where the options don't say.
        seed: where the options don't say.
        think: sent always, since a server that can think does so unless told.
        keep_alive: seconds, or text such as "10m"; None leaves it to the server.
        expected_tokens: the caller's count of the prompt, which helps to notice a cut.
        deadlines: how long it may take; None leaves it to the client.
    """

    model: str
    prompt: str
    system: str = ""
    schema: Mapping[str, object] | None = None
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    num_predict: int = 512
    seed: int = 1
    think: Think = False
    keep_alive: int | float | str | None = None
    expected_tokens: int | None = None
    deadlines: Deadlines | None = None

    def __post_init__(self) -> None:
        """Refuse a num_predict of 0, which means no limit on one path of Ollama."""
        if self.sent_options["num_predict"] == 0:
            raise ValueError("num_predict is 0, which one path of Ollama reads as no limit at all")

    @property
    def messages(self) -> list[dict[str, str]]:
        """System and user message, as sent."""
        system = [{"role": "system", "content": self.system}] if self.system else []
        return [*system, {"role": "user", "content": self.prompt}]

    @property
    def sent_options(self) -> dict[str, object]:
        """The options on the wire: the agent's own, then those of ours where it is silent."""
        own = {name: value for name, value in self.options.items() if value is not None}
        ours = {"num_predict": self.num_predict, "seed": self.seed}
        return own | {name: value for name, value in ours.items() if name not in own}

    @property
    def added(self) -> dict[str, object]:
        """What the agent did not ask for and we send."""
        own = {name for name, value in self.options.items() if value is not None}
        ours = {name: self.sent_options[name] for name in ("num_predict", "seed")}
        return {n: v for n, v in ours.items() if n not in own} | SWITCHES | {"think": self.think}

    def reseeded(self) -> Self:
        """The same question with the next seed, which from here on is ours."""
        seed = self.sent_options["seed"]
        following = seed + 1 if isinstance(seed, int) and 0 <= seed < LARGEST_SEED else 1
        own = {name: value for name, value in self.options.items() if name != "seed"}
        return replace(self, options=own, seed=following)


def body_of(request: ChatRequest) -> bytes:
    """The request as it goes over the wire: ASCII JSON, always streamed."""
    body: dict[str, object] = {
        "model": request.model,
        "messages": request.messages,
        "stream": True,
        "think": request.think,
        **SWITCHES,
    }
    if request.schema is not None:
        body["format"] = request.schema
    body["options"] = request.sent_options
    if request.keep_alive is not None:
        body["keep_alive"] = request.keep_alive
    return wire_json(body)


def asked(
    request: ChatRequest, identity: ModelIdentity, host: str, server_version: str | None
) -> Asked:
    """The record of a question, before it is sent."""
    effective = effective_options(identity, request.sent_options)
    num_predict, num_ctx = effective["num_predict"], effective.get("num_ctx")
    schema = None if request.schema is None else wire_json(request.schema)
    return Asked(
        host=host,
        server_version=server_version,
        model=request.model,
        manifest_digest=identity.digest,
        weights_sha256=identity.weights_sha256,
        family=identity.family,
        parameter_size=identity.parameter_size,
        quantisation=identity.quantisation,
        requested_options=_sorted_json(request.options),
        added_options=_sorted_json(request.added),
        effective_options=_sorted_json(effective),
        think=json.dumps(request.think),
        seed=_whole(effective["seed"]),
        num_predict=_whole(num_predict),
        num_ctx=None if num_ctx is None else _whole(num_ctx),
        prompt_sha256=hashlib.sha256(wire_json(request.messages)).hexdigest(),
        schema_sha256=None if schema is None else hashlib.sha256(schema).hexdigest(),
        request_sha256=request_sha256(request, identity),
        prompt_characters=len(request.system) + len(request.prompt),
    )


def request_sha256(request: ChatRequest, identity: ModelIdentity) -> str:
    """What makes two requests one question: digest, effective options, messages, schema, think.

    The seed is among the options. The order of a schema's keys counts, since it can change a reply.
    """
    parts = [
        identity.digest or f"name:{identity.name}",
        _sorted_json(effective_options(identity, request.sent_options)),
        request.messages,
        request.schema,
        request.think,
    ]
    return hashlib.sha256(wire_json(parts)).hexdigest()


def wire_json(value: object) -> bytes:
    """JSON in ASCII and without spaces, keys in their own order; NaN is an error."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def _sorted_json(options: Mapping[str, object]) -> str:
    return json.dumps(dict(options), separators=(",", ":"), sort_keys=True, allow_nan=False)


def _whole(value: object) -> int:
    if isinstance(value, int | float):
        return int(value)
    raise TypeError(f"option is {value!r}, expected an integer")
