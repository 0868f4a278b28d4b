"""What benchagent's client costs beyond the server's own time, beside the clients that one could use.

    python benchmarks/client_overhead.py [--repeat 40] [--tokens 400]

A scripted Ollama in a process of its own measures how long it took (`total_duration`, as a real one
does); what a client's clock shows beyond that is overhead: the way there, reading, parsing. The
clients take turns in a random order, so that whatever else the machine does falls on all of them.
"""

import argparse
import http.client
import json
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import ollama

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import Host
from benchagent.calls.request import ChatRequest, body_of
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import NDJSON, Turn

MODEL = "tiny:1b"
RIVAL = "ollama package"
Ask = Callable[[int], tuple[float, float]]


def serve(pipe: Connection) -> None:
    """Answers num_predict tokens as fast as they can be sent, until the pipe closes."""
    with ScriptedOllama() as server:
        server.always(answer)
        pipe.send(server.url)
        pipe.poll(None)


def answer(turn: Turn) -> None:
    """The tokens, and how long they took by the server's clock."""
    begun = time.perf_counter_ns()
    tokens = turn.ask["options"]["num_predict"]
    lines = [turn.line(f"word{n} ") for n in range(tokens)]
    turn.head(200, NDJSON)
    for line in lines:
        turn.send(line)
    spent = time.perf_counter_ns() - begun
    counts = {"total_duration": spent, "eval_count": tokens, "prompt_eval_count": 9}
    turn.send(turn.final("stop", tokens, counts))
    turn.end()


def a_request(tokens: int) -> ChatRequest:
    """The same question for every client."""
    return ChatRequest(model=MODEL, prompt="Why?", num_predict=tokens)


def clients(url: str) -> dict[str, Ask]:
    """Each asks once and gives milliseconds: by its own clock, and by the server's."""
    ours = OllamaClient(Host(url=url))
    official = ollama.Client(url, trust_env=False)
    bare = httpx.Client(trust_env=False)
    where = urlsplit(url)

    def by_benchagent(tokens: int) -> tuple[float, float]:
        timings = ours.chat(a_request(tokens)).call.timings
        return timings.wall_ms or 0.0, timings.total_ms or 0.0

    def by_benchagent_whole(tokens: int) -> tuple[float, float]:
        begun = time.perf_counter()
        timings = ours.chat(a_request(tokens)).call.timings
        return 1000 * (time.perf_counter() - begun), timings.total_ms or 0.0

    def by_package(tokens: int) -> tuple[float, float]:
        begun = time.perf_counter()
        messages = [{"role": "user", "content": "Why?"}]
        options = {"num_predict": tokens}
        *_, last = official.chat(MODEL, messages, stream=True, options=options)
        return 1000 * (time.perf_counter() - begun), (last.total_duration or 0) / 1e6

    def by_httpx(tokens: int) -> tuple[float, float]:
        begun = time.perf_counter()
        with bare.stream("POST", f"{url}/api/chat", content=body_of(a_request(tokens))) as reply:
            *_, last = map(json.loads, reply.iter_lines())
        return 1000 * (time.perf_counter() - begun), last["total_duration"] / 1e6

    def by_http_client(tokens: int) -> tuple[float, float]:
        begun = time.perf_counter()
        connection = http.client.HTTPConnection(where.hostname or "", where.port)
        connection.request("POST", "/api/chat", body_of(a_request(tokens)))
        *_, last = map(json.loads, connection.getresponse())
        connection.close()
        return 1000 * (time.perf_counter() - begun), last["total_duration"] / 1e6

    return {
        "benchagent": by_benchagent,
        "benchagent, with what it asks around the call": by_benchagent_whole,
        RIVAL: by_package,
        "httpx, bare": by_httpx,
        "http.client, bare": by_http_client,
    }


def measure(asks: dict[str, Ask], tokens: int, repeat: int) -> dict[str, float]:
    """The median overhead of each client in milliseconds, for answers of so many tokens."""
    found: dict[str, list[float]] = {name: [] for name in asks}
    rounds = [(name, n) for n in range(repeat) for name in random.sample(list(asks), len(asks))]
    for name in asks:
        asks[name](tokens)
    for name, _ in rounds:
        wall, server = asks[name](tokens)
        found[name].append(wall - server)
    return {name: statistics.median(values) for name, values in found.items()}


def main() -> None:
    """Prints a table in Markdown."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeat", type=int, default=40)
    arguments.add_argument("--tokens", type=int, default=400)
    chosen = arguments.parse_args()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    asks = clients(here.recv())
    short = measure(asks, 1, chosen.repeat)
    long = measure(asks, chosen.tokens, chosen.repeat)
    here.send("done")
    server.join()
    each = {name: (long[name] - short[name]) / (chosen.tokens - 1) for name in asks}
    print("| client | per call (ms) | per token (µs) | against the package: per call, per token |")
    print("|---|---:|---:|---|")
    for name in asks:
        against = f"{short[name] / short[RIVAL]:.2f}, {each[name] / each[RIVAL]:.2f}"
        print(f"| {name} | {short[name]:.2f} | {1000 * each[name]:.1f} | {against} |")


if __name__ == "__main__":
    main()
