"""The hand-labelled claims beside the repository, judged with their own scorer."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchagent.verification.claims import to_json
from benchagent.verification.evidence.named_values import read_known
from benchagent_tests.paths import SHARED
from benchagent_tests.verification.verifying import judge, measure

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def predictions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (SHARED / "claims-dev").is_dir():
        pytest.skip("no claims-dev beside the repository")
    out = tmp_path_factory.mktemp("out")
    corpus = measure(SHARED / "corpus", out)
    lines: list[str] = []
    for path in sorted((SHARED / "claims-dev" / "reports").iterdir()):
        text = path.read_bytes().decode()
        known = read_known(SHARED / "claims-dev" / "evidence" / f"{path.stem}.json")
        lines += [to_json(path.stem, text, found) for found in judge(text, corpus, known)]
    file = out / "predictions.jsonl"
    file.write_text("\n".join(lines))
    return file


@pytest.mark.parametrize("claims", ["claims.jsonl", "seeds_claims.jsonl"])
def test_labelled_claims_are_judged_as_wanted(predictions: Path, claims: str) -> None:
    scorer = SHARED / "claims-dev" / "score.py"
    labels = SHARED / "claims-dev" / claims
    command = [sys.executable, str(scorer), str(predictions), "--claims", str(labels)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    shares = [float(share) / 100 for share in re.findall(r"([\d.]+)%", said.splitlines()[0])]
    coverage, recall, _, false_flags, _, exact = shares
    assert coverage >= 0.9
    assert recall >= 0.94
    assert false_flags <= 0.05
    assert exact >= 0.8


def test_every_offset_leads_to_its_quote(predictions: Path) -> None:
    texts = {
        path.stem: path.read_bytes().decode()
        for path in (SHARED / "claims-dev" / "reports").iterdir()
    }
    for line in predictions.read_text().splitlines():
        row = json.loads(line)
        assert texts[row["report"]][row["start"] : row["end"]] == row["quote"]
        assert texts[row["report"]].count("\n", 0, row["start"]) + 1 == row["line"]
