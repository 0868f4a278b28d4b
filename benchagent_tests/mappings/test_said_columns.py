"""Columns of people's own files: what a person says that they hold is what is read."""

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchagent.cli import commands
from benchagent.errors import ExplainedError
from benchagent.formats.tables.columns import Meaning
from benchagent.formats.tables.likely_columns import find_likely
from benchagent.formats.tables.said_columns import NotSaid, read_said
from benchagent.inventory.blobs import read_blob
from benchagent.mappings.kept import (
    MappingTaken,
    Proposal,
    Said,
    decide,
    keep_proposal,
    keep_said,
    list_said,
)
from benchagent.mappings.mapping import ColumnMapping, MappedColumn, SaidColumns
from benchagent.mappings.own_file import NotOwn, open_own_file
from benchagent.measurements.locators import Places, read_value
from benchagent.measurements.parsed.parsed_store import ParsedStore
from benchagent.pipeline.stages.measurements import make_measurements
from benchagent.quantities.metrics import all_metrics
from benchagent.store import StoreError
from benchagent_tests.builders import Place, a_place, calls_csv, with_findings

# Nobody can tell what these hold; `lanes` is a setting, `worth` is nothing that anybody measured.
SWEEP = (
    "arm,lanes,first,speed,worth\n"
    "fox:1b,2,0.52,31.2,7\n"
    "fox:1b,4,0.61,30.1,9\n"
    "owl:7b,2,0.93,12.5,1\n"
    "owl:7b,4,0.97,,4\n"
)
WORDS = ("first=ttft:s", "arm=model", "speed=throughput:tok/s")
NESTED = json.dumps(
    [
        {"arm": "fox:1b", "read": {"speed": 900.5}, "made": {"speed": 30.1}},
        {"arm": "owl:7b", "read": {"speed": 500.25}, "made": {"speed": 20.1}},
    ]
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    files = {
        "reports/fox/calls.csv": calls_csv(),
        "csv_data/sweep.csv": SWEEP,
        "csv_data/again.csv": SWEEP.replace("0.52", "0.58"),
        "csv_data/other.csv": SWEEP.replace("lanes", "queues"),
        "csv_data/nested.json": NESTED,
    }
    return a_place(tmp_path, files)


def ask(place: Place, *words: str) -> str:
    given = ["--out", str(place.project.out), "--data", str(place.folder)]
    ended = CliRunner().invoke(commands, ["columns", *words, *given], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return ended.output


def say(place: Place, name: str, *words: str) -> str:
    return ask(place, "say", str(place.folder / "csv_data" / name), *words)


def numbers_of(place: Place, name: str) -> list[dict[str, Any]]:
    make_measurements(place.partition)
    rows = place.reopened().table("measurements").to_pylist()
    return [row for row in rows if row["source_path"] == f"csv_data/{name}"]


def written(tmp_path: Path, text: str, name: str = "own.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


# --- the words ----------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", all_metrics(), ids=lambda metric: metric.id)
def test_every_metric_can_be_said_in_its_unit(metric: Any) -> None:
    meaning = read_said(f"{metric.id}:{metric.unit}:p95")

    assert isinstance(meaning, Meaning)
    assert (meaning.metric, meaning.statistic) == (metric.id, "p95")
    assert meaning.unit is not None
    assert (meaning.unit.canonical, meaning.unit.worth) == (metric.unit, 1)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("tft:ms", "did you mean ttft"),
        ("ttft", "say its unit, such as ms or s: `ttft:ms`"),
        ("ttft:MB", "say its unit"),
        ("ttft:ms:often", "'often' is no statistic"),
        ("setting:", "is no metric"),
        ("", "is no metric"),
    ],
)
def test_a_word_that_says_nothing_is_answered_with_what_would(word: str, why: str) -> None:
    with pytest.raises(NotSaid, match=why):
        read_said(word)


# --- what is read by them -----------------------------------------------------------------------


def test_what_a_person_says_enters_facts_and_each_number_leads_to_its_cell(place: Place) -> None:
    assert numbers_of(place, "sweep.csv") == []

    said = say(place, "sweep.csv", *WORDS)

    assert "7 numbers in 4 runs" in said
    own = numbers_of(place, "sweep.csv")
    assert [(row["locator"], row["metric"], row["value"]) for row in own[:2]] == [
        ("row=1,column=first", "ttft", 520.0),
        ("row=1,column=speed", "throughput", 31.2),
    ]
    assert len(own) == 7
    assert {row["subject"] for row in own} == {"fox:1b", "owl:7b"}
    assert {row["config"] for row in own} == {'{"lanes":2}', '{"lanes":4}'}
    for row in own:
        places = Places(read_blob(place.project.out, row["source_sha256"]))
        assert places.read(row["locator"]) == row["raw_value"]
        assert read_value(row["raw_value"], row["raw_unit"]) == row["value"]
    facts = with_findings(place).facts.values()
    assert any(fact.subject == "owl:7b" and "throughput" in fact.label for fact in facts)


def test_files_with_the_same_columns_are_read_alike_and_no_others(place: Place) -> None:
    say(place, "sweep.csv", *WORDS)

    assert numbers_of(place, "again.csv")[0]["value"] == 580.0
    assert numbers_of(place, "other.csv") == []


def test_only_files_with_these_columns_are_parsed_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_measurements(place.partition)
    parsed: list[str] = []
    add = ParsedStore.add

    def watch(store: ParsedStore, outcomes: Any) -> None:
        listed = [*outcomes]
        parsed.extend(key.mapping[:5] for key, _ in listed)
        add(store, listed)

    monkeypatch.setattr(ParsedStore, "add", watch)
    say(place, "sweep.csv", *WORDS)
    make_measurements(place.reopened())

    assert parsed == ["said-", "said-"]


def test_what_is_taken_back_is_read_as_before(place: Place) -> None:
    say(place, "sweep.csv", *WORDS)
    numbers_of(place, "sweep.csv")

    say(place, "sweep.csv", "first=", "arm=", "speed=")

    assert numbers_of(place, "sweep.csv") == []
    assert list_said(place.project.out) == []


def test_words_add_to_those_said_before(place: Place) -> None:
    say(place, "sweep.csv", "first=ttft:s")
    say(place, "sweep.csv", "speed=throughput:tok/s", "lanes=setting:threads")

    own = numbers_of(place, "sweep.csv")

    assert {row["metric"] for row in own} == {"ttft", "throughput"}
    assert {row["config"] for row in own} == {'{"num_thread":2}', '{"num_thread":4}'}


def test_fields_in_objects_are_said_by_the_names_that_are_shown(place: Place) -> None:
    assert "read_speed" in ask(place, "show", str(place.folder / "csv_data/nested.json"))

    say(place, "nested.json", "read_speed=prefill_rate:tok/s", "made_speed=decode_rate:tok/s")

    assert [(row["locator"], row["value"]) for row in numbers_of(place, "nested.json")] == [
        ("/0/read/speed", 900.5),
        ("/0/made/speed", 30.1),
        ("/1/read/speed", 500.25),
        ("/1/made/speed", 20.1),
    ]


def test_a_word_is_more_than_a_name(tmp_path: Path) -> None:
    own = open_own_file(written(tmp_path, "model,ttft_ms,seen\nfox:1b,0.52,9\nowl:7b,0.61,8\n"))

    readings = [record.readings for record in own.read({"ttft_ms": "ttft:s"}).records]
    assert [each.value for (each,) in readings] == [520.0, 610.0]
    # two columns of one quantity that differ are none of it, until somebody says which is
    readings = [record.readings for record in own.read({"seen": "ttft:ms"}).records]
    assert [each.locator for (each,) in readings] == ["row=1,column=seen", "row=2,column=seen"]


def test_calls_stay_calls_where_somebody_says_what_one_more_column_holds(place: Place) -> None:
    folder = place.folder / "csv_data"
    plain = calls_csv().splitlines()
    [head, *rows] = plain
    more = [f"{head},stall", *(f"{row},{at}.5" for at, row in enumerate(rows, 1))]
    written(folder, "\n".join([*more, ""]), "calls.csv")
    place = replace(place, partition=place.scan())
    before = numbers_of(place, "calls.csv")

    ask(place, "say", str(folder / "calls.csv"), "stall=itl:ms")

    def told(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(
            row[name] for name in ("locator", "value", "definition", "benchmark", "config")
        )

    after = numbers_of(place, "calls.csv")
    assert [row["value"] for row in after if row["metric"] == "itl"][:2] == [1.5, 2.5]
    others = [row for row in after if row["metric"] != "itl"]
    assert sorted(map(told, others)) == sorted(map(told, before))


def test_many_calls_that_are_read_at_once_can_be_said_more_of(place: Place) -> None:
    text = "model,ttft_ms,tokens_s,load_time_ms,stall\n" + "".join(
        f"fox:1b,{100 + at % 7},{30 + at % 5}.5,{9 + at % 3},{at % 4}.25\n" for at in range(700)
    )
    written(place.folder / "csv_data", text, "many.csv")
    place = replace(place, partition=place.scan())
    assert len(numbers_of(place, "many.csv")) == 3 * 700

    say(place, "many.csv", "stall=itl:ms")

    assert len(numbers_of(place, "many.csv")) == 4 * 700


def test_a_rate_beside_clients_is_read_once_somebody_says_whose_it_is(tmp_path: Path) -> None:
    text = "model,users,tok/s\nfox:1b,1,30\nfox:1b,8,28\n"
    own = open_own_file(written(tmp_path, text))

    assert own.hold_columns({})[2].holds is None
    parsed = own.read({"tok/s": "decode_rate:tok/s"})

    assert [record.readings[0].metric for record in parsed.records] == ["decode_rate"] * 2
    assert [record.config for record in parsed.records] == [{"concurrency": 1}, {"concurrency": 8}]


def test_a_run_that_failed_is_one_by_the_column_that_is_said_to_tell(tmp_path: Path) -> None:
    text = "model,took,trouble\nfox:1b,1.5,\nfox:1b,0.0,out of memory\n"
    own = open_own_file(written(tmp_path, text))

    parsed = own.read({"took": "latency:s", "trouble": "error"})

    assert [record.failure is None for record in parsed.records] == [True, False]
    assert parsed.records[1].readings == ()


def test_what_is_left_out_parts_no_rows(tmp_path: Path) -> None:
    text = "model,mood,ttft_ms\nfox:1b,good,5.5\nfox:1b,bad,5.6\n"
    own = open_own_file(written(tmp_path, text))

    assert own.read({"ttft_ms": "ttft:ms"}).records[0].config == {"mood": "good"}
    assert own.read({"mood": "-"}).records[0].config == {}


# --- what cannot be said ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"firts": "ttft:s"}, "has no column 'firts'; did you mean 'first'"),
        ({"arm": "ttft:s"}, "arm: no cell of it is a number, as 'fox:1b' is none"),
        ({"first": "ttft:s", "speed": "ttft:s"}, "another column is said to hold that too"),
        ({"arm": "repetition"}, "its cells are none"),
        ({"arm": "model", "lanes": "model"}, "another column is its model"),
        ({"lanes": "setting:x", "worth": "setting:x"}, "another column is that setting already"),
    ],
)
def test_what_cannot_be_so_is_refused(said: dict[str, str], why: str, tmp_path: Path) -> None:
    with pytest.raises(ExplainedError, match=why):
        open_own_file(written(tmp_path, SWEEP)).read(said)


def test_a_refused_word_changes_nothing(place: Place) -> None:
    with pytest.raises(NotSaid):
        say(place, "sweep.csv", "first=ttft:s", "arm=latency:s")

    assert list_said(place.project.out) == []


def test_columns_that_a_format_knows_are_not_asked_for(tmp_path: Path) -> None:
    text = "model,mean_ttft_s,mean_tokens_s\nfox:1b,0.5,30\n"
    with pytest.raises(NotOwn, match="is read as `llm-summary-csv`, whose columns are known"):
        open_own_file(written(tmp_path, text))


def test_a_file_without_columns_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotOwn, match="has no columns: text of no known format"):
        open_own_file(written(tmp_path, "nothing to see\n", "notes.txt"))


def test_files_are_not_read_by_a_mapping_and_by_a_persons_word(place: Place) -> None:
    out = place.project.out
    shape = open_own_file(place.folder / "csv_data/sweep.csv").shape
    column = MappedColumn(column="first", metric="ttft", unit="s", counts=True)
    mapping = ColumnMapping(shape=shape, columns=(column,), identities=())
    keep_proposal(out, Proposal(mapping=mapping, agent="a", snapshot="s", path="p"))
    said = Said(mapping=SaidColumns(shape=shape, holds=(("first", "ttft:s"),)), path="sweep.csv")

    decide(out, mapping.name, "accepted")
    with pytest.raises(MappingTaken, match=f"columns refuse {mapping.name}"):
        keep_said(out, said)
    decide(out, mapping.name, "refused")
    keep_said(out, said)
    with pytest.raises(MappingTaken, match=r"columns say sweep\.csv first="):
        decide(out, mapping.name, "accepted")


def test_a_damaged_file_of_words_says_where(place: Place) -> None:
    say(place, "sweep.csv", *WORDS)
    [kept] = (place.project.out / "columns").glob("said-*.json")
    kept.write_text('{"mapping": 1}')

    with pytest.raises(StoreError, match=f"{kept}: damaged"):
        list_said(place.project.out)


# --- the command --------------------------------------------------------------------------------


def test_a_file_shows_each_column_as_it_is_read(place: Place) -> None:
    said = say(place, "sweep.csv", *WORDS)
    shown = ask(place, "show", str(place.folder / "csv_data/sweep.csv"), "--json")

    rows = [json.loads(line) for line in shown.splitlines()]
    assert (rows[2]["column"], rows[2]["holds"]) == ("first", "ttft:s")
    assert rows[2]["cells"] == ["0.52", "0.61", "0.93"]
    assert [row["holds"] for row in rows] == [
        *("model", "setting", "ttft:s", "throughput:tok/s", None)
    ]
    assert "throughput:tok/s" in said


def test_what_is_shown_can_be_said(tmp_path: Path) -> None:
    text = "model,ctx,p95 latency (s),tok/s,run,outcome\nfox:1b,2048,1.5,30,1,ok\nfox:1b,2048,1.6,31,2,ok\n"
    own = open_own_file(written(tmp_path, text))
    shown = {each.column: each.holds for each in own.hold_columns({}) if each.holds}

    assert shown["p95 latency (s)"] == "latency:s:p95"
    assert len(shown) == 6
    assert own.read(shown).records == own.read({}).records


@pytest.mark.parametrize(
    ("name", "likely"),
    [
        ("full_latency_s", "latency:s"),
        ("metric_ttft_ms_p95", "ttft:ms:p95"),
        ("time to answer", "latency:?"),
        ("judge_pass_share", "accuracy:ratio"),
        ("output_speed", "throughput:tok/s"),
        ("cfg_size_mb", "setting"),
        # of these the quantity is another one
        ("latency_norm", None),
        ("speed factor", None),
        ("turns", None),
    ],
)
def test_a_name_is_offered_as_what_a_part_of_it_says(name: str, likely: str | None) -> None:
    assert find_likely(name) == likely


def test_what_is_offered_can_be_said(place: Place) -> None:
    text = "model,full_latency_s,whole_latency_s,votes\nfox:1b,1.5,1.7,3\nfox:1b,1.6,1.8,2\n"
    own = written(place.folder, text, "own file.csv")
    shown = CliRunner().invoke(
        commands, ["columns", "show", str(own), "--out", str(place.project.out)]
    )

    assert [each.likely for each in open_own_file(own).hold_columns({})] == [
        *(None, "latency:s", "latency:s", None)
    ]
    # two columns of one quantity cannot both be said
    (offered,) = shown.stderr.splitlines()
    command = shlex.split(offered.partition(": benchagent ")[2])
    assert command == ["columns", "say", str(own), "full_latency_s=latency:s"]
    said = CliRunner().invoke(commands, [*command, "--out", str(place.project.out)])
    assert "2 numbers in 2 runs" in said.stdout


def test_a_share_is_no_number_of_right_answers(tmp_path: Path) -> None:
    own = open_own_file(written(tmp_path, "model,passed,total\nfox:1b,11,12\nfox:1b,9,12\n"))

    with pytest.raises(NotSaid, match="11 is more than all there are"):
        own.read({"passed": "accuracy:ratio"})


def test_the_list_shows_what_was_said(place: Place) -> None:
    say(place, "sweep.csv", *WORDS)

    rows = [json.loads(line) for line in ask(place, "list", "--json").splitlines()]

    assert {row["state"] for row in rows} == {"said"}
    assert {row["column"]: row["holds"] for row in rows}["first"] == "ttft:s"


def test_a_word_without_a_column_is_a_usage_error(place: Place) -> None:
    path = str(place.folder / "csv_data/sweep.csv")
    ended = CliRunner().invoke(commands, ["columns", "say", path, "first"])

    assert ended.exit_code == 2
    assert "'first' is no COLUMN=HOLDS, such as lat=ttft:ms" in ended.output


@pytest.mark.parametrize(("right", "wrong"), [("true", "false"), ("True", "False"), ("1", "0")])
def test_yes_and_no_can_be_said_to_be_a_share_and_a_wrong_answer_is_a_result(
    tmp_path: Path, right: str, wrong: str
) -> None:
    text = f"arm,ok\nfox:1b,{right}\nfox:1b,{wrong}\nowl:7b,{right}\n"
    own = open_own_file(written(tmp_path, text))

    parsed = own.read({"ok": "exact_match:ratio", "arm": "model"})

    read = [reading for record in parsed.records for reading in record.readings]
    assert [(each.metric, each.value) for each in read] == [
        ("exact_match", 1.0),
        ("exact_match", 0.0),
        ("exact_match", 1.0),
    ]
    assert not any(record.failure for record in parsed.records)
    places = Places(own.artifact.data)
    for each in read:
        assert read_value(places.read(each.locator), each.raw_unit) == each.value


def test_yes_and_no_are_no_percentages(tmp_path: Path) -> None:
    own = open_own_file(written(tmp_path, "arm,ok\nfox:1b,true\nfox:1b,false\n"))

    with pytest.raises(NotSaid, match="no cell of it is a number, as 'true' is none"):
        own.read({"ok": "accuracy:%", "arm": "model"})
