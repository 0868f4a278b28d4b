"""What a client wrote in place of an answer is no answer, and what a model says of errors is one."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.formats.tables.error_answers import reads_as_error
from benchagent.measurements.readings import Parsed

_ERRORS = [
    "ConnectionRefusedError: [Errno 111] Connection refused",
    "Request timed out.",
    "The request timed out after 30 s",
    "Failed to connect to the server. Please check that it is running",
    "CUDA out of memory. Tried to allocate 2.00 GiB",
    "HTTP 503 Service Unavailable",
    "HTTP Error 404: Not Found",
    "503 Server Error: Service Unavailable for url: http://localhost/api",
    "Error code: 429 - {'error': {'message': 'slow down'}}",
    "model 'x' not found, try pulling it first",
    "llama runner process has terminated: exit status 2",
    '{"error":"model not found"}',
    '{"error": {"message": "bad key", "type": "auth", "code": 401}}',
    "<html><head><title>502 Bad Gateway</title></head></html>",
    "[ERROR] model runner has unexpectedly stopped",
    "An error occurred: connection reset",
    "Error generating text: All connection attempts failed",
    "(error) empty reply from server",
    "Internal Server Error",
    "All connection attempts failed",
]

_ANSWERS = [
    "Error handling in Python: use try and except.",
    "Error generating functions are those that raise.",
    "HTTP 503 means that the service is unavailable.",
    "HTTP 503 Service Unavailable is sent by a server that is overloaded.",
    "CUDA out of memory errors can be avoided with smaller batches.",
    "Out of memory, the process was killed by the kernel, as the log tells.",
    "Connection refused means that nothing listens on the port.",
    "An error occurred when the clerk added the sums, and nobody saw it.",
    "A timeout is the time after which a client gives up.",
    "Failed to thrive is a term of medicine.",
    # a model that was asked for JSON, and for a page
    '{"error": "no city is named in the text"}',
    '{"error": null, "city": "Oslo"}',
    "<html><head><title>404 Not Found</title></head><body>My own page</body></html>",
    # nobody's error is so long
    "Error: " + "and so it went on. " * 80,
    "",
    "None",
]


@pytest.mark.parametrize("text", _ERRORS)
def test_what_a_client_wrote_instead_of_an_answer_reads_as_an_error(text: str):
    assert reads_as_error(text)


@pytest.mark.parametrize("text", _ANSWERS)
def test_what_a_model_says_of_errors_is_an_answer(text: str):
    assert not reads_as_error(text)


def _parse(**odd: object) -> Parsed:
    said = {"model": "wren:2b", "success": True, "latency_ms": 900.5, "response": "It bends twice."}
    rows = [said, said | odd, {**said, "latency_ms": 910.25}]
    parsed = parse_bytes("calls.json", json.dumps(rows).encode())
    assert isinstance(parsed, Parsed)
    return parsed


def test_an_error_in_place_of_an_answer_is_a_failure_though_its_row_says_success():
    failure = _parse(response="All connection attempts failed", latency_ms=31.5).records[1].failure
    assert failure is not None
    assert (failure.locator, failure.recorded_as) == ("/1/response", "result")


@pytest.mark.parametrize("label", ["answer", "generated_text", "response_preview"])
def test_an_answer_is_known_whatever_its_column_is_called(label: str):
    rows = [{"model": "wren:2b", "latency_ms": 31.5, label: "All connection attempts failed"}] * 2
    parsed = parse_bytes("calls.json", json.dumps(rows).encode())
    assert isinstance(parsed, Parsed)
    assert all(record.failure for record in parsed.records)


@pytest.mark.parametrize(
    "beside",
    [
        # it was generated
        {"output_tokens": 5},
        # it was right, or what was asked for
        {"expected": "Internal Server Error"},
        {"accuracy": 1.0},
    ],
)
def test_an_error_that_was_generated_or_asked_for_is_an_answer(beside: dict[str, object]):
    assert _parse(response="Internal Server Error", **beside).records[1].failure is None
