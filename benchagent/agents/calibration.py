"""How many characters a model spells with one token, as its server counted it, for the next run."""

import json
from contextlib import suppress
from pathlib import Path

from benchagent.store import write_atomically

# A prompt that is spelt a little denser than all before is no news.
_NEWS = 0.97


class Calibration:
    """A file per model, by its digest; safe to use from several processes at once."""

    def __init__(self, folder: Path, *, learns: bool = True) -> None:
        """Nothing is created until something is learnt, or at all where it only remembers."""
        self._folder = folder
        self._learns = learns

    def recall(self, digest: str | None) -> float | None:
        """Characters per token of that model, the fewest that were seen; None where none were."""
        if digest is None:
            return None
        # A file that is none of ours costs a refused prompt, not a report.
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
            known = float(json.loads(self._path(digest).read_bytes())["characters_per_token"])
            return known if 0 < known < 100 else None
        return None

    def learn(self, digest: str | None, model: str, characters_per_token: float) -> None:
        """Keeps what was learnt, where it is less than what is known."""
        known = self.recall(digest)
        if (
            digest is None
            or not self._learns
            or (known is not None and characters_per_token > _NEWS * known)
        ):
            return
        kept = {"model": model, "characters_per_token": round(characters_per_token, 3)}
        write_atomically(self._path(digest), json.dumps(kept, indent=1).encode("ascii"))

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest.removeprefix('sha256:')[:64]}.json"
