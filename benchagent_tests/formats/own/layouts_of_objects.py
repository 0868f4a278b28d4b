"""Results as people lay them out in JSON, and what a reader takes from each."""

import json

from benchagent_tests.formats.own.layouts import Row, Table

OBJECTS_IN_OBJECTS = Table(
    "deep.json",
    json.dumps(
        {
            "date": "2026-03-02",
            "models": {
                "llama3.2:1b": {
                    "settings": {"threads": 8, "warp": 3},
                    "timing": {"ttft_ms": 88.5},
                    "prefill": {"tok_s": 910.0},
                    "decode": {"tok_s": 71.5},
                },
                "qwen2.5:3b": {
                    "settings": {"threads": 8, "warp": 4},
                    "timing": {"ttft_ms": 141.0},
                    "prefill": {"tok_s": 455.5},
                    "decode": {"tok_s": 38.25},
                },
            },
        }
    ),
    [
        Row(
            "llama3.2:1b",
            {"num_thread": 8, "warp": 3},
            {"ttft": 88.5, "prefill_rate": 910.0, "decode_rate": 71.5},
        ),
        Row(
            "qwen2.5:3b",
            {"num_thread": 8, "warp": 4},
            {"ttft": 141.0, "prefill_rate": 455.5, "decode_rate": 38.25},
        ),
    ],
)


OBJECTS_IN_LINES = Table(
    "deep.jsonl",
    """\
{"model": "wren:2b", "params": {"num_ctx": 2048}, "timings": {"ttftMs": 95.5}, "usage": {"completionTokens": 120}}
{"model": "wren:2b", "params": {"num_ctx": 8192}, "timings": {"ttftMs": 61.5}, "usage": {"completionTokens": 118}}
""",
    [
        Row("wren:2b", {"num_ctx": 2048}, {"ttft": 95.5, "output_tokens": 120}),
        Row("wren:2b", {"num_ctx": 8192}, {"ttft": 61.5, "output_tokens": 118}),
    ],
)


LISTS_IN_LISTS = Table(
    "lists.json",
    json.dumps(
        {
            "suite": "nightly",
            "machines": [
                {
                    "gpu": "L4",
                    "status": "ok",
                    "mean_ttft_ms": 250.0,
                    "results": [
                        {"model": "owl:7b", "ttft_ms": 210.5},
                        {"model": "owl:13b", "ttft_ms": 402.0},
                    ],
                },
                {"gpu": "A10", "results": [{"model": "owl:7b", "ttft_ms": 150.5}]},
            ],
        }
    ),
    [
        Row("owl:7b", {"gpu": "L4", "suite": "nightly"}, {"ttft": 210.5}),
        Row("owl:13b", {"gpu": "L4", "suite": "nightly"}, {"ttft": 402.0}),
        Row("owl:7b", {"gpu": "A10", "suite": "nightly"}, {"ttft": 150.5}),
    ],
)

OBJECTS = (OBJECTS_IN_OBJECTS, OBJECTS_IN_LINES, LISTS_IN_LISTS)
