"""The scripted Ollama as a program of its own, for tests whose processes are killed.

    python -m benchagent_tests.scripted_server --port 0 --reply-s 0.3 --log chats.jsonl

It prints its address. A chat takes the set time, or less where its client goes away, as in Ollama.
Each chat is two lines of the log, one when it begins and one when it ends, with how many were busy.
"""

import argparse
import json
import sys
import threading
import time
from pathlib import Path

from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import Script, Turn, at_random


def logged(path: Path, seconds: float) -> Script:
    """An answer within the schema after that time, and what happened meanwhile in a log."""
    lock, busy, answer = threading.Lock(), 0, at_random()

    def write(change: int, what: str) -> None:
        nonlocal busy
        with lock, path.open("a", encoding="utf-8") as file:
            busy += change
            file.write(json.dumps({"what": what, "busy": busy, "at": time.time()}) + "\n")

    def play(turn: Turn) -> None:
        write(+1, "begun")
        turn.wait_for_client(seconds)
        # Counted down before the answer's last byte: the next client may ask right after it.
        write(-1, "ended")
        answer(turn)

    return play


def main() -> None:
    """Serves until it is told to stop, or its parent closes its input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--reply-s", type=float, default=0.2)
    parser.add_argument("--log", type=Path, required=True)
    given = parser.parse_args()
    with ScriptedOllama(port=given.port).always(logged(given.log, given.reply_s)) as server:
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
