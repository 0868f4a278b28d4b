"""Numbers in a JSON file that stand beside the results that are read of it."""

import json

import pytest

from benchagent_tests.artifacts import parse_text

CALLS = [{"model": "kiwi:1b", "ttft_ms": 90, "decode_tps": 40}]


@pytest.mark.parametrize(
    ("document", "refused"),
    [
        ({"results": CALLS, "retrieval": {"recall@5": 0.81}}, ["/retrieval"]),
        ({"results": CALLS, "gpu": {"util": [87, 91]}, "seen": [1, 2]}, ["/gpu", "/seen"]),
        ({"sweeps": [{"ctx": 4096, "runs": CALLS, "gpu": {"util": 87}}]}, ["/sweeps/0/gpu"]),
        ({"results": CALLS, "config": {"seed": 1}, "note": "as it is", "who": ["me"]}, []),
        ({"results": [{**CALLS[0], "ids": [1, 2]}]}, []),  # a column of the row
    ],
)
def test_numbers_beside_the_results_are_refused_by_their_place(
    document: object, refused: list[str]
) -> None:
    parsed = parse_text(json.dumps(document), "own.json")
    assert len(parsed.records) == 1
    assert [refusal.locator for refusal in parsed.refusals] == refused
