"""A printed report is read once more as a stranger reads it, and what that changes."""

from dataclasses import replace

import pytest

from benchagent.agents.account import Analysis, Statement
from benchagent.defs.metadata import describe_grounds
from benchagent.pipeline.kept import read_analysis, read_report
from benchagent.pipeline.knowledge import know_snapshot
from benchagent.pipeline.stages.accounts import evidence_version
from benchagent.reporting.comparison import compare_agents
from benchagent.reporting.second_reading import Overruled, find_sentence, overrule
from benchagent.verification.verify import verify_report
from benchagent_tests.builders import Place
from benchagent_tests.reporting.liars import Offered, Printed, a_hostile_place, report_of, speaking


def one_true_one_false(offer: Offered) -> str | None:
    """Two sentences that the guard lets pass: their words are those of the findings."""
    if csv := offer.name("files of the kind `csv`"):
        return f"The folder holds {csv}."
    if failed := offer.name("failed runs", without="reason"):
        return f"{failed} failed here."
    return None


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return a_hostile_place(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def printed(place: Place) -> Printed:
    return report_of(place, speaking(one_true_one_false))


def test_a_sentence_that_its_readers_could_refute_gives_way_to_the_codes(printed: Printed) -> None:
    report = read_report(printed.partition, "teller")

    [overruled] = report.reading.overruled
    inventory = printed.partition.findings[overruled.finding or ""]
    assert overruled.before.startswith("The folder holds {F")
    assert overruled.after == inventory.sentences[0]
    assert overruled.reason.startswith("'4")
    assert "9" in overruled.reason
    assert "The folder holds" not in printed.text
    assert "The snapshot held 9 files" in printed.text
    assert "3 runs failed here." in printed.text


def test_what_was_overruled_is_counted_as_the_codes_everywhere(
    place: Place, printed: Printed
) -> None:
    report = read_report(printed.partition, "teller")
    [row] = compare_agents(printed.partition, place.roster).rows

    assert row.sentences_by_model == 1
    assert "in the model's words: 1 sentence;" in printed.text
    grounds = describe_grounds(report)
    assert grounds["sentences_overruled"] == 1
    assert grounds["claims_judged"] == report.reading.claims > 50


def test_the_account_as_the_model_gave_it_is_kept(printed: Printed) -> None:
    kept = read_analysis(printed.partition, "teller").analysis

    assert sum(said.author == "model" for said in kept.statements) == 2


def test_a_report_is_judged_down_to_its_evidence(printed: Printed) -> None:
    partition = printed.partition
    body = read_report(partition, "teller").body()
    knowledge = know_snapshot(partition, evidence_version(partition))

    assert len(verify_report(body, knowledge)) == read_report(partition, "teller").reading.claims
    assert "### Evidence" not in body
    assert "Persona prompt" in body


def test_the_evidence_of_a_snapshot_is_loaded_once_for_all_its_reports(printed: Printed) -> None:
    partition = printed.partition
    first = know_snapshot(partition, evidence_version(partition))

    assert know_snapshot(replace(partition), evidence_version(partition)) is first


def test_a_sentence_is_found_where_its_figures_are_printed_as_links() -> None:
    text = "A [b](#e1).\n\n**[3 runs](#e12)** failed `x`.\n- [3 runs](#e12) failed `x`.\n"
    sentence = "{F0123456789ab} failed `x`."

    places = find_sentence(text, sentence)

    assert [text[start:end] for start, end in places] == [
        "**[3 runs](#e12)** failed `x`.",
        "[3 runs](#e12) failed `x`.",
    ]


def test_a_summary_that_did_not_hold_is_left_out() -> None:
    said = Statement(finding="D1", text="Mine.", importance=1, author="model")
    analysis = Analysis(
        agent="a", snapshot="s", tier="write", statements=(said,), headline=None, summary="Both."
    )
    why = {"before": "", "reason": "'9' is contradicted"}
    changed = overrule(
        analysis,
        [
            Overruled(finding=None, after=None, **why),
            Overruled(finding="D1", after="The code's.", **why),
        ],
    )

    assert (changed.summary, changed.summary_rejected) == (None, "'9' is contradicted")
    [now] = changed.statements
    assert (now.text, now.author, now.rejected) == ("The code's.", "code", "'9' is contradicted")


def test_of_many_files_the_smallest_are_loaded(
    printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchagent.pipeline.knowledge.MOST_ROWS", 10)
    smallest = sorted(printed.partition.snapshot.files, key=lambda file: file.size)[:3]
    size = sum(file.size for file in smallest)
    monkeypatch.setattr("benchagent.pipeline.knowledge.MOST_BYTES", size)
    thin = know_snapshot(printed.partition, "thin").corpus
    monkeypatch.undo()

    whole = know_snapshot(printed.partition, evidence_version(printed.partition)).corpus
    assert 0 < len(thin.index.datums) < len(whole.index.datums)
    opened = {path for paths in thin.fields.values() for path in paths}
    assert opened
    assert opened <= {file.path for file in smallest}
    assert not {path for paths in whole.fields.values() for path in paths} <= opened
    assert len(thin.files) == 9
