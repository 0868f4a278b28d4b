import sys
import types
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from benchagent.formats import experimental_formats, formats_version, parse_bytes, plugged_in
from benchagent.measurements.readings import Parsed, Reading, Record, Unparsed
from benchagent_tests.paths import DOCS

_FILE = b"mine\nspeed 5.5\n"
_READING = Reading(
    metric="decode_rate", value=5.5, locator="line=2,chars=7-9", raw_value="5.5", unit="tok/s"
)


def a_module(**changes: object) -> types.ModuleType:
    """A format of another package: files that begin with `mine`."""
    module = types.ModuleType("their_formats")
    record = Record(name="line=2", sequence=0, benchmark="llm-call", readings=(_READING,))
    members = {
        "NAME": "mine",
        "detect": lambda artifact: artifact.data.startswith(b"mine"),
        "parse": lambda artifact: Parsed(format="mine", records=(record,)),
    }
    for name, member in {**members, **changes}.items():
        setattr(module, name, member)
    return module


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Install a module as a format of another package, for one test."""

    def put(module: types.ModuleType | None) -> None:
        point = EntryPoint(name="mine", value="their_formats", group=plugged_in.GROUP)
        monkeypatch.setitem(sys.modules, "their_formats", module)
        monkeypatch.setattr(plugged_in, "entry_points", lambda group: [point])
        forget()

    forget()
    yield put
    monkeypatch.undo()
    forget()


def forget() -> None:
    plugged_in.load_formats.cache_clear()
    plugged_in.find_points.cache_clear()


def test_nothing_is_imported_before_a_file_is_read(install):
    install(a_module())
    assert plugged_in.load_formats.cache_info().currsize == 0
    parse_bytes("x.json", b"[]")
    assert plugged_in.load_formats.cache_info().currsize == 1


def test_a_format_of_another_package_reads_its_files(install):
    install(a_module())
    parsed = parse_bytes("x.txt", _FILE)
    assert isinstance(parsed, Parsed)
    assert parsed.format == "mine"
    assert [r.value for record in parsed.records for r in record.readings] == [5.5]


def test_the_format_in_the_documentation_reads_its_files(install):
    page = (DOCS / "formats.md").read_text("utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    module = types.ModuleType("their_formats")
    exec(code, module.__dict__)
    install(module)

    parsed = parse_bytes("x.log", b"# speedlog\ngemma3:270m 41.2\nqwen3:8b 9.75\n")

    assert isinstance(parsed, Parsed), parsed
    assert parsed.refusals == ()
    said = [
        (each.subject, each.readings[0].value, each.readings[0].unit) for each in parsed.records
    ]
    assert said == [("gemma3:270m", 41.2, "tok/s"), ("qwen3:8b", 9.75, "tok/s")]


def test_what_is_installed_decides_what_was_parsed_before(install):
    before = formats_version()
    install(a_module())
    assert formats_version() != before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"value": 6.5}, "'5.5' in None is not 6.5"),
        ({"raw_value": "6.5", "value": 6.5}, "'5.5' stands there"),
        ({"locator": "line=9,chars=1-2"}, "is not in the file"),
        ({"unit": "furlongs"}, "expected a canonical one"),
    ],
)
def test_a_number_that_is_not_found_again_at_its_place_is_refused(install, changes, said):
    wrong = replace(_READING, **changes)
    record = Record(name="line=2", sequence=0, benchmark="llm-call", readings=(wrong,))
    install(a_module(parse=lambda artifact: Parsed(format="mine", records=(record,))))
    parsed = parse_bytes("x.txt", _FILE)
    assert isinstance(parsed, Parsed)
    assert parsed.records[0].readings == ()
    assert said in parsed.refusals[0].reason


def test_a_format_that_breaks_is_told_and_breaks_nothing_else(install):
    install(a_module(parse=lambda artifact: {}["gone"]))
    outcome = parse_bytes("x.txt", _FILE)
    assert isinstance(outcome, Unparsed)
    assert "the format 'mine' of their_formats failed: KeyError: 'gone'" in outcome.reason
    assert isinstance(parse_bytes("x.csv", b"ttft_s,tokens_s\n1,2\n"), Parsed)


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (None, "cannot be loaded: ModuleNotFoundError"),
        (types.ModuleType("their_formats"), "cannot be loaded: AttributeError"),
        (a_module(NAME="markdown"), "is called 'markdown', expected a name that no other"),
        (a_module(NAME=5), "is called 5"),
    ],
)
def test_a_format_that_cannot_be_used_is_explained_where_a_file_stays_unknown(
    install, module, said
):
    install(module)
    outcome = parse_bytes("x.txt", _FILE)
    assert isinstance(outcome, Unparsed)
    assert said in outcome.reason


def test_our_own_formats_are_asked_first(install):
    install(a_module(detect=lambda artifact: True))
    parsed = parse_bytes("x.csv", b"ttft_s,tokens_s\n1,2\n")
    assert parsed.format == "llm-calls-csv"


def test_a_package_can_call_its_format_experimental(install):
    install(a_module(EXPERIMENTAL=True))
    assert "mine" in experimental_formats()
