import re

from benchagent.findings.rules import RULES
from benchagent_tests.paths import DOCS


def rules_explained() -> list[str]:
    rows = re.findall(r"^\| (`[^|]+) \|", (DOCS / "findings.md").read_text(), re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([a-z-]+)`", row)]


def test_every_rule_is_explained_once():
    assert sorted(rules_explained()) == sorted(rule.name for rule in RULES)
