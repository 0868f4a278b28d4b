"""The store of replies: a question that was answered once is not asked again.

One JSON file per question, named by its hash (`request_sha256`), holds the answer as it came and
the record of the call that got it. A file is whole or absent: it is written under another name,
synced and renamed.
"""

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from benchagent.calls.exchange import Exchange
from benchagent.calls.gpu import Gpu
from benchagent.calls.model_call import CallContext as Context
from benchagent.calls.model_call import Cell, ModelCall, Runner, Timings, call_from_row, call_row
from benchagent.calls.outcomes import Outcome
from benchagent.store import write_atomically

# What a model said, good or bad. What a network or a server did wrong is worth asking again.
KEPT: frozenset[Outcome] = frozenset({"ok", "length", "empty", "repetition"})


class StoredReply(BaseModel):
    """A file of the store."""

    text: str | None
    thinking: str | None
    call: dict[str, Cell]


class ReplyStore:
    """A folder of replies; safe to use from several processes at once."""

    def __init__(self, folder: Path) -> None:
        """Nothing is created until the first reply is kept."""
        self._folder = folder

    def path_of(self, request_sha256: str) -> Path:
        """Where the reply to a question stands, whether or not there is one."""
        return self._folder / request_sha256[:2] / f"{request_sha256}.json"

    def find(self, request_sha256: str, context: Context) -> Exchange | None:
        """The stored reply as a replay made now for this caller, or None where there is none.

        Its record has the answer's counts but no clocks: nothing was asked, nothing took time.

        Raises:
            ValueError: the file is not one of ours.
        """
        path = self.path_of(request_sha256)
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            stored = StoredReply.model_validate_json(text)
            call = call_from_row(stored.call)
        except (ValidationError, TypeError) as error:
            raise ValueError(
                f"{path}: not a stored reply of this version; delete it to ask again"
            ) from error
        return Exchange(call=_replay(call, context), text=stored.text, thinking=stored.thinking)

    def keep(self, exchange: Exchange) -> Path | None:
        """Store what a model said; None where there is nothing to keep.

        A reply whose model has no digest is not kept: its name may mean another model tomorrow.
        """
        call = exchange.call
        if call.replayed or call.outcome not in KEPT or call.asked.manifest_digest is None:
            return None
        stored = {"text": exchange.text, "thinking": exchange.thinking, "call": call_row(call)}
        path = self.path_of(call.asked.request_sha256)
        write_atomically(path, json.dumps(stored, indent=1).encode("ascii"))
        return path


def _replay(call: ModelCall, context: Context) -> ModelCall:
    return replace(
        call,
        call_id=uuid.uuid4().hex,
        started_at=datetime.now(UTC).isoformat(timespec="microseconds"),
        replayed=True,
        replay_of=call.call_id,
        context=context,
        timings=Timings(
            prompt_tokens=call.timings.prompt_tokens, output_tokens=call.timings.output_tokens
        ),
        runner=Runner(),
        gpu=Gpu(),
    )
