"""What the files are, and what they leave unsaid."""

import json
from typing import Any

from benchagent.facts.fact import Evidence
from benchagent_tests.findings.telling import Seen, listing, told
from benchagent_tests.measured import a_file, a_measurement, an_evidence, measured


def described(**columns: Any) -> Evidence:
    """Numbers that say, or do not say, where and when they were measured."""
    full = {
        "environment": json.dumps({"gpu": "Arc B580", "server_version": "1.2"}),
        "measured_at": "2031-01-01T00:00:00Z",
        "time_basis": "utc",
    }
    return an_evidence(measured([1.0, 2.0], **{**full, **columns}))


FOUND: list[tuple[str, Seen, str]] = [
    (
        "inventory",
        lambda: an_evidence(files=[a_file("reports/note.txt")]),
        r"^The snapshot held 1 file \(.*\) and no run told in numbers; ",
    ),
    ("inventory", lambda: listing(a_file("reports/one.csv", n_measurements=1)), r"held 1 file"),
    (
        "missing-telemetry",
        lambda: described(environment="{}", measured_at=None, time_basis=None),
        r"^No file with measurements \(1 file\) recorded the machine, a version of what ran or a time\.",
    ),
    (
        "missing-root",
        lambda: listing(a_file("reports/one.csv"), missing_roots=("csv_data",)),
        r"^The root `csv_data` was missing",
    ),
    (
        "unreadable",
        lambda: listing(
            a_file("reports/one.csv"),
            a_file(
                "reports/bad.json", reason_code="unreadable", reason="line 3: not valid JSON: Oh"
            ),
        ),
        r"^1 files? could not be read: `reports/bad.json` \(`line 3: not valid JSON",
    ),
    (
        "misnamed",
        lambda: listing(a_file("reports/one.csv", content="binary", reason_code="binary")),
        r"^1 files? held something else than the name says: `reports/one.csv`",
    ),
    (
        "unknown-model",
        lambda: described(subject=None),
        r"^1 file with measurements, the only one, did not say what was measured",
    ),
    (
        "unknown-model",
        lambda: described(subject_from="file-name"),
        r"named what was measured only in the file or folder name",
    ),
    (
        "unknown-format",
        lambda: listing(
            a_file("reports/one.csv"),
            a_file("artifacts/x.json", reason_code="unknown-format", reason="nobody knows it"),
        ),
        r"^Out of 2 files, 1 files? had no known format.*`artifacts/x.json`\.$",
    ),
    (
        "naive-times",
        lambda: described(measured_at="2031-01-01T00:00:00", time_basis="naive"),
        r"gave times without a zone",
    ),
    (
        "name-collisions",
        lambda: listing(a_file("reports/One.csv"), a_file("reports/one.csv")),
        r"^The names of 2 files differed only in case",
    ),
]


SILENT: list[tuple[str, Seen]] = [
    ("inventory", lambda: an_evidence()),
    ("missing-telemetry", described),
    ("missing-root", lambda: listing(a_file("reports/one.csv"))),
    (
        "unreadable",
        lambda: listing(a_file("reports/one.csv", reason_code="empty", reason="empty file")),
    ),
    ("misnamed", lambda: listing(a_file("reports/one.csv"), a_file("reports/x.bin"))),
    ("unknown-model", described),
    ("unknown-format", lambda: listing(a_file("reports/one.csv"))),
    ("naive-times", described),
    ("name-collisions", lambda: listing(a_file("reports/one.csv"), a_file("csv_data/one.csv"))),
]


def test_files_that_lack_different_things_are_counted_for_each():
    rows = [
        a_measurement(1.0, path="a/one.csv", environment='{"host": "h"}'),
        a_measurement(2.0, path="a/two.csv", environment='{"digest": "d", "gpu": "g"}'),
        a_measurement(3.0, path="a/three.csv", environment='{"gpu": "g", "version": "1"}'),
    ]
    files = [{"measured_at": "2031-01-01T00:00:00Z", "time_basis": "utc"}, {}, {}]
    evidence = an_evidence([{**row, **more} for row, more in zip(rows, files, strict=True)])

    [sentence] = told(evidence, "missing-telemetry")

    assert sentence.startswith("Out of 3 files with measurements, ")
    assert sentence.endswith("did not record a time.")
