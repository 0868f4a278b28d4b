import re
from pathlib import Path

from benchagent.findings.rules import RULES

DOCS = Path(__file__).parents[1] / "docs" / "findings.md"


def rules_explained() -> list[str]:
    rows = re.findall(r"^\| (`[^|]+) \|", DOCS.read_text(), re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([a-z-]+)`", row)]


def test_every_rule_is_explained_once():
    assert sorted(rules_explained()) == sorted(rule.name for rule in RULES)
