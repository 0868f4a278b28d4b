"""What hyperfine exports as JSON: the wall time of every run of a command, in seconds.

A run whose exit code is not 0 failed, however fast it was. Means over such runs are not read, nor
is a time of 0: hyperfine takes off what the shell needs, and nothing may be left.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from benchagent.formats.json_fields import Field, read_fields, read_place, read_settings
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Failure, Kind, Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "hyperfine"

TIMES: Final = {
    "mean": Field("latency", "s", "mean"),
    "stddev": Field("latency", "s", "stddev"),
    "median": Field("latency", "s", "median"),
    "min": Field("latency", "s", "min"),
    "max": Field("latency", "s", "max"),
}
# of the time, what the processor was busy for: 0 where the system's clock has not ticked
SHARES: Final = {
    "user": Field("hyperfine:user_time", "s", "mean"),
    "system": Field("hyperfine:system_time", "s", "mean"),
}
OF_NO_RUNS: Final = "a run has a time of 0, so that the means are of something else than runs"
_TIME: Final = Field("latency", "s")
_MEMORY: Final = Field("memory", "bytes")


def detect(artifact: Artifact) -> bool:
    """Whether `results` have a `command` and the `times` of its runs, or their mean."""
    results = [as_object(entry) for entry in as_list(as_object(artifact.tree).get("results"))]
    return bool(results) and all(
        "command" in entry and ("times" in entry or {"mean", "user"} <= entry.keys())
        for entry in results
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per run, and one per command for what sums them up."""
    refusals: list[Refusal] = []
    records: list[Record] = []
    for at, found in enumerate(as_list(as_object(artifact.tree).get("results"))):
        command = _command_of(as_object(found), at)
        records.extend(_read_runs(command, refusals))
        records.extend(_read_sums(command, refusals))
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


class _Command(NamedTuple):
    """What all runs of a command share."""

    entry: Mapping[str, Json]
    at: int
    subject: str | None
    config: Mapping[str, Scalar]

    def record(
        self,
        place: Place,
        readings: Sequence[Reading],
        *,
        repetition: int | None = None,
        failure: Failure | None = None,
    ) -> Record:
        return Record(
            name=pointer_locator(*place),
            sequence=self.at,
            benchmark="command",
            readings=tuple(readings),
            subject=self.subject,
            repetition=repetition,
            config=self.config,
            failure=failure,
        )


def _command_of(entry: Mapping[str, Json], at: int) -> _Command:
    # an old file has one parameter, without its name
    config = {
        **read_settings({"parameter": entry.get("parameter")}),
        **read_settings(entry.get("parameters")),
    }
    return _Command(entry, at, as_text(entry.get("command")), config)


def _failed_runs(entry: Mapping[str, Json]) -> dict[int, str]:
    codes = enumerate(as_list(entry.get("exit_codes")))
    return {number: str(code) for number, code in codes if code != "0"}


def _read_runs(command: _Command, refusals: list[Refusal]) -> Iterator[Record]:
    entry, at = command.entry, command.at
    failed = _failed_runs(entry)
    memory = as_list(entry.get("memory_usage_byte"))
    for number, time in enumerate(as_list(entry.get("times"))):
        place = ("results", at, "times", number)
        if number in failed:
            locator = pointer_locator("results", at, "exit_codes", number)
            said = "the command was killed" if failed[number] == "None" else ""
            said = said or f"the command ended with exit code {failed[number][:20]}"
            failure = Failure(reason=said, locator=locator)
            yield command.record(place, (), repetition=number, failure=failure)
            continue
        reading = read_place(time, place, _TIME)
        if reading is None or reading.value <= 0:
            said = f"{str(time)[:80]!r} is no time that a command can take"
            refusals.append(Refusal(locator=pointer_locator(*place), reason=said))
            continue
        readings = [reading]
        if number < len(memory):
            used = read_place(memory[number], ("results", at, "memory_usage_byte", number), _MEMORY)
            readings += [used] if used else []
        yield command.record(place, readings, repetition=number)


def _read_sums(command: _Command, refusals: list[Refusal]) -> Iterator[Record]:
    entry, place = command.entry, ("results", command.at)
    times, failed = as_list(entry.get("times")), _failed_runs(entry)
    kind: Kind = "derived" if times else "measured"
    n, fields = len(times) or None, {**TIMES, **SHARES}
    unread: list[Refusal] = []
    readings = read_fields(entry, place, fields, unread, n=n, kind=kind)
    untimed = any(isinstance(time, str) and not time.strip("0.") for time in times)
    if failed or untimed or has_untimed_run(readings):
        said = f"{len(failed)} runs failed, so that the means are of something else than runs"
        reason = said if failed else OF_NO_RUNS
        refusals.append(Refusal(locator=pointer_locator(*place), reason=reason))
        return
    refusals += unread
    yield command.record(place, readings)


def has_untimed_run(readings: Iterable[Reading]) -> bool:
    """Whether the least of a command's times is 0: what sums them up is then no time of runs."""
    return any(reading.statistic == "min" and reading.value == 0 for reading in readings)
