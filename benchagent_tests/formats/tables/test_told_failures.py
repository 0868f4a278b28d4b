"""A row that says in a few words that it failed has not failed without a word."""

import pytest

from benchagent.formats.tables.call_failures import states_failure


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
