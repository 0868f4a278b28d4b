"""Contents that were never parsed, parsed: many alike at once, the others one by one."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, NamedTuple

from benchagent.formats import are_calls, parse_bytes
from benchagent.formats.own.llm_calls_csv import NAME
from benchagent.formats.own.result_rows import parse_said
from benchagent.formats.tables.call_stacks import read_stacked_calls
from benchagent.formats.tables.plain_tables import PlainTable, find_plain_table
from benchagent.mappings.mapping import ColumnMapping, SaidColumns
from benchagent.mappings.reading import read_mapped
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.parsed.parsed_store import ParsedStore
from benchagent.measurements.parsed.segments import ContentKey
from benchagent.measurements.readings import Parsed, Unparsed

# Fewer rows are read one by one in the time that a stack of them takes.
_FEWEST_ROWS: Final = 500
_THREADS: Final = 2
# A stack is a segment of the store, so few are better; small ones at first, so that no core waits.
_FIRST_BYTES: Final = 512 * 1024
_MOST_BYTES: Final = 2 * 1024 * 1024
# Tables of many headers wait together no longer than until they are so large.
_MOST_WAITING: Final = 16 * 1024 * 1024


class _Table(NamedTuple):
    key: ContentKey
    data: bytes
    table: PlainTable


def parse_contents(
    keys: Iterable[ContentKey], read_blob: Callable[[str], bytes], store: ParsedStore
) -> None:
    """Parse contents into the store."""
    store.add(_parse_alone(keys, read_blob, store))


def parse_mapped(
    keys: Iterable[ContentKey],
    mappings: Mapping[str, ColumnMapping | SaidColumns],
    read_blob: Callable[[str], bytes],
    store: ParsedStore,
) -> None:
    """Parse contents into the store, each by the mapping that its key names."""
    store.add((key, _parse_by(mappings[key.mapping], key, read_blob(key.sha256))) for key in keys)


def is_table(key: ContentKey) -> bool:
    """Whether many like it may be read at once."""
    return key.suffix in (".csv", ".tsv")


def _parse_alone(
    keys: Iterable[ContentKey], read_blob: Callable[[str], bytes], store: ParsedStore
) -> Iterator[tuple[ContentKey, Parsed | Unparsed]]:
    """What is to be parsed by itself; what can be stacked goes to the store directly.

    Stacks are parsed in two threads, beside the reading: their work is done in C, outside the lock
    of the interpreter.
    """
    stacks: defaultdict[str, list[_Table]] = defaultdict(list)
    sizes: Counter[str] = Counter()
    enough = _FIRST_BYTES
    with ThreadPoolExecutor(_THREADS, "stacked-calls") as cores:
        started: deque[Future[Sequence[_Table]]] = deque()
        for key in keys:
            data = read_blob(key.sha256)
            table = find_plain_table(data) if is_table(key) else None
            if table is None or not are_calls(table):
                yield key, _parse(key, data)
                continue
            stacks[table.header].append(_Table(key, data, table))
            sizes[table.header] += len(data)
            if sizes[table.header] >= enough or sizes.total() >= _MOST_WAITING:
                enough = min(2 * enough, _MOST_BYTES)
                ((largest, _),) = sizes.most_common(1)
                del sizes[largest]
                started.append(cores.submit(_parse_stack, stacks.pop(largest), store))
            if len(started) > _THREADS:
                yield from _parse_odd(started.popleft().result())
        for stack in stacks.values():
            started.append(cores.submit(_parse_stack, stack, store))
        for parsing in started:
            yield from _parse_odd(parsing.result())


def _parse_odd(
    files: Sequence[_Table],
) -> Iterator[tuple[ContentKey, Parsed | Unparsed]]:
    for file in files:
        yield file.key, _parse(file.key, file.data)


def _parse(key: ContentKey, data: bytes) -> Parsed | Unparsed:
    return parse_bytes(f"file{key.suffix}", data)


def _parse_by(
    mapping: ColumnMapping | SaidColumns, key: ContentKey, data: bytes
) -> Parsed | Unparsed:
    name_hint = f"file{key.suffix}"
    if isinstance(mapping, SaidColumns):
        return parse_said(Artifact(data, name_hint=name_hint), mapping)
    return read_mapped(name_hint, data, mapping)


def _parse_stack(stack: Sequence[_Table], store: ParsedStore) -> Sequence[_Table]:
    """Parse tables of one header into the store; gives those that are to be parsed alone."""
    if sum(file.table.n_rows for file in stack) < _FEWEST_ROWS:
        return stack
    calls = read_stacked_calls([file.table for file in stack])
    if calls is None:
        return stack
    keys = [file.key for at, file in enumerate(stack) if at not in calls.odd]
    store.add_columns(keys, NAME, calls)
    return [stack[at] for at in sorted(calls.odd)]
