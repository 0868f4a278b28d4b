"""Words that are called tokens are not read as tokens."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.formats.tables.word_counts import WORDS
from benchagent.measurements.readings import Parsed

_ANSWERS = [
    "The unbelievable river bends twice before it reaches the old mill at the shore.",
    "Lamps are lit at dusk, and nobody counts them until the morning comes.",
    "A stone that rolls gathers nothing but speed.",
]


def _parse(label: str, more: int, as_csv: bool) -> Parsed:
    """Answers of 14, 13 and 8 words, each with so many tokens more, at 10 tokens a second."""
    rows = [
        {
            "model": "wren:2b",
            "response": answer,
            label: (n := len(answer.split()) + more),
            "elapsed_s": n / 10,
            "tokens_per_s": 10.0,
            "ttft_ms": 90.5 + at,
        }
        for at, answer in enumerate(_ANSWERS)
    ]
    header = ",".join(rows[0])
    lines = [",".join(f'"{cell}"' for cell in row.values()) for row in rows]
    text = "\n".join([header, *lines, ""]) if as_csv else json.dumps(rows)
    parsed = parse_bytes("calls.csv" if as_csv else "calls.json", text.encode())
    assert isinstance(parsed, Parsed)
    return parsed


@pytest.mark.parametrize("as_csv", [True, False])
@pytest.mark.parametrize("label", ["tokens", "output_tokens"])
def test_a_rate_of_words_that_are_called_tokens_is_refused(label: str, as_csv: bool):
    parsed = _parse(label, 0, as_csv)
    read = {r.metric for record in parsed.records for r in record.readings}
    assert read == {"ttft", "latency"}
    assert not any(record.failure for record in parsed.records)
    assert {each.reason for each in parsed.refusals} == {WORDS}


@pytest.mark.parametrize("as_csv", [True, False])
@pytest.mark.parametrize("label", ["tokens", "output_tokens"])
def test_a_rate_of_tokens_beside_answers_is_read(label: str, as_csv: bool):
    parsed = _parse(label, 3, as_csv)
    read = {r.metric for record in parsed.records for r in record.readings}
    assert "decode_rate" in read
    assert parsed.refusals == ()
