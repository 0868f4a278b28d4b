"""Whose home folder an artifact names is in no prompt and in no report."""

import json
import re
from pathlib import Path

import pytest

from benchagent.agents.reading import find_lines
from benchagent.pipeline.kept import read_report
from benchagent.pipeline.stages.accounts import make_analysis, sources_of
from benchagent.pipeline.stages.reports import make_report
from benchagent.privacy import hide_homes
from benchagent_tests.builders import a_place, calls_csv, with_findings


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/ann/models/m.gguf", "~/models/m.gguf"),
        ("at /Users/ann.lee: no file", "at ~: no file"),
        (r"C:\Users\Ann\AppData\Local", r"~\AppData\Local"),
        (r"C:\\Users\\Ann Lee\\x.gguf", r"~\\x.gguf"),
        ("file:///home/ann/x and '/home/bob'", "file://~/x and '~'"),
        ("d:/users/ann/x", "~/x"),
        # nobody's home
        ("https://host/home/page", "https://host/home/page"),
        ("data/home/ann", "data/home/ann"),
        ("/homework/ann", "/homework/ann"),
        ("home is where /tmp/ann is", "home is where /tmp/ann is"),
    ],
)
def test_a_home_folder_is_shown_as_a_tilde(text: str, shown: str) -> None:
    assert hide_homes(text) == shown


def test_no_report_names_a_home_folder_that_its_artifacts_do(tmp_path: Path) -> None:
    home = "/home/ann/models"
    failed = [{"model": f"{home}/fox.gguf", "error": rf"no file C:\Users\ann\{n}"} for n in "ab"]
    corpus = {
        "reports/a/sweep.csv": calls_csv(f"{home}/fox.gguf"),
        "reports/b/sweep.csv": calls_csv("wolf").replace("prompt is too long", f"no {home}/x"),
        "reports/c/calls.json": json.dumps(failed),
        "reports/notes.md": f"# Notes\n\nWe reached 49.0 tok/s with {home}/fox.gguf.\n",
    }
    place = a_place(tmp_path, corpus)
    partition, agent = with_findings(place), place.roster.agent("null")
    make_analysis(partition, agent, place.roster, asking=None)
    make_report(partition, agent, dagster_run="0")

    made = [
        path for path in partition.folder.rglob("*") if path.suffix in (".md", ".html", ".json")
    ]
    written = {path.name: path.read_text("utf-8") for path in made if path.name != "manifest.json"}
    assert "~/models/fox.gguf" in written["null.md"]
    assert not [name for name, text in written.items() if re.search(r"[/\\]ann\b", text)]
    assert read_report(partition, "null").reading.objections == ()
    [line] = find_lines(sources_of(partition))
    assert line.text == "We reached 49.0 tok/s with ~/models/fox.gguf."
