import re
from collections import defaultdict

from benchagent.formats import FORMATS, parse_bytes
from benchagent.formats.listing import list_formats
from benchagent_tests.artifacts import sample_files
from benchagent_tests.formats.test_broken_input import FEW, MANY
from benchagent_tests.paths import DOCS

PAGE = DOCS / "formats.md"
_TABLE = re.compile(r"^\| format \|.*?(?=\n\n)|^TABLE$", re.MULTILINE | re.DOTALL)
_COUNTS = re.compile(r"^(?:[0-9,]+ inputs\n?.*?slow ones|COUNTS)(?=[.;])", re.MULTILINE | re.DOTALL)


def samples_by_format() -> dict[str, list[str]]:
    samples: defaultdict[str, list[str]] = defaultdict(list)
    for path in sample_files():
        samples[str(parse_bytes(path.name, path.read_bytes()).format)].append(path.name)
    return samples


def say_counts() -> str:
    n = len(sample_files())
    return f"{n * FEW:,} inputs with every run of the tests, {n * MANY:,} more with the slow ones"


def test_the_table_of_formats_is_what_the_formats_say():
    assert list_formats(FORMATS, samples_by_format()) in PAGE.read_text()


def test_the_count_of_broken_inputs_is_the_one_that_is_tried():
    assert say_counts() in " ".join(PAGE.read_text().split())


def test_every_format_has_a_sample():
    assert {format.name for format in FORMATS} <= samples_by_format().keys()


def test_only_formats_known_from_documentation_are_experimental():
    assert {format.name for format in FORMATS if format.experimental} == {
        "agent-pairs-json",
        "koboldcpp-bench",
        "result-lines",
    }


if __name__ == "__main__":
    text = _COUNTS.sub(say_counts(), PAGE.read_text(), count=1)
    table = list_formats(FORMATS, samples_by_format())
    PAGE.write_text(_TABLE.sub(lambda _: table, text, count=1))
