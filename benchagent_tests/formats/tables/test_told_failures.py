"""A row that says in a few words that it failed has not failed without a word."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.formats.tables.call_failures import states_failure
from benchagent.measurements.readings import Parsed


@pytest.mark.parametrize(
    ("status", "failed"),
    [
        ("timeout after 5 s", True),
        ("Error: out of memory", True),
        ("killed (signal 9)", True),
        ("timed out", True),
        # a zero or a "no" somewhere in the reason does not take it back
        ("timeout after 5.0 s", True),
        ("error: no space left on device", True),
        ("failed: 0", False),
        ("failed (0 of 12)", False),
        ("failed: 0, passed: 12", False),
        ("error-free", False),
        ("errors none", False),
        ("ok after timeout", False),
        ("ok", False),
    ],
)
def test_a_status_tells_a_failure_by_its_first_word(status: str, failed: bool):
    assert states_failure(status) is failed


@pytest.mark.parametrize(
    ("cells", "failed"),
    [
        # of about, below, in hexadecimal and too great: each is some number that was measured
        ("≈220,>31", False),
        ("<5,~30", False),
        ("0x1F,1_000", False),
        ("1e400,n/a", False),
        # nothing stands there, or what failed
        ("n/a,nan", True),
        ("OOM,≈31", True),
        ("timeout after 5 s,≈31", True),
        ("-1,-1", True),
    ],
)
def test_a_number_that_cannot_be_read_is_refused_and_no_failed_run(cells: str, failed: bool):
    text = f"model,ttft_ms,tok_s\nwren-2b,220.5,31.5\nwren-2b,{cells}\n"
    parsed = parse_bytes("runs.csv", text.encode())
    assert isinstance(parsed, Parsed)
    assert (parsed.records[1].failure is not None) is failed
    assert parsed.records[1].readings == ()
    assert any(each.locator.startswith("row=2") for each in parsed.refusals) is not failed
