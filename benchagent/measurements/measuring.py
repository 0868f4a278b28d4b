"""From the files of a snapshot to every number in them, each content parsed once for all time."""

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from benchagent.collection import collection_paused
from benchagent.formats import experimental_formats, formats_version
from benchagent.inventory.listing import SourceFile
from benchagent.mappings.mapping import ColumnMapping, SaidColumns
from benchagent.measurements.file_status import FileStatus
from benchagent.measurements.held_files import HeldFile, ending_of
from benchagent.measurements.measured_files import MeasuredFiles
from benchagent.measurements.parsed.parsed_store import ParsedStore
from benchagent.measurements.parsed.parsing import parse_contents, parse_mapped
from benchagent.measurements.parsed.second_parser import SecondParser, shared
from benchagent.measurements.parsed.segments import ContentKey


def measure(
    files: Iterable[SourceFile],
    read_blob: Callable[[str], bytes],
    out: Path,
    *,
    accepted_formats: Collection[str] = (),
    mappings: Collection[ColumnMapping | SaidColumns] = (),
) -> MeasuredFiles:
    """Everything that the files of a snapshot measured, each content parsed once for all time.

    Args:
        files: the snapshot's files; those without retained bytes are listed with their reason.
        read_blob: the bytes of a SHA-256.
        out: the folder of generated data; parsed contents are kept in it under `parsed/`.
        accepted_formats: names of experimental formats that a user vouches for, or `all`; the
            numbers of the others are listed as `proposed`, their failed runs only counted.
        mappings: by which files of a script's own columns are read, one for a shape; what a
            person says also where a format reads them already.
    """
    ordered = sorted(files, key=lambda file: file.path)
    kept = [file for file in ordered if file.retained]
    store = ParsedStore(out / "parsed" / formats_version())
    with collection_paused():
        held, contents = _hold(kept, _parse(kept, read_blob, out, store, mappings))
        return MeasuredFiles(
            held,
            store.find(contents),
            _find_proposed(accepted_formats),
            others=[_not_retained(file) for file in ordered if not file.retained],
        )


def _parse(
    files: Sequence[SourceFile],
    read_blob: Callable[[str], bytes],
    out: Path,
    store: ParsedStore,
    mappings: Collection[ColumnMapping | SaidColumns],
) -> list[ContentKey]:
    """Parse what was never parsed; gives the key of each file's content."""
    keys = [ContentKey(file.sha256, ending_of(file.path)) for file in files]
    sizes = _find_unknown(files, keys, store)
    with SecondParser() as second:
        parse_contents(shared(sizes, out, store.folder, second), read_blob, store)
    return _map(keys, mappings, read_blob, store) if mappings else keys


def _find_unknown(
    files: Iterable[SourceFile], keys: Sequence[ContentKey], store: ParsedStore
) -> dict[ContentKey, int]:
    """The bytes of each content that was never parsed."""
    unknown = store.find_unknown(keys)
    return {key: file.size for key, file in zip(keys, files, strict=True) if key in unknown}


def _hold(
    files: Sequence[SourceFile], keys: Sequence[ContentKey]
) -> tuple[list[HeldFile], list[ContentKey]]:
    """The files with the places of their contents, and the key at each place."""
    places: dict[ContentKey, int] = {}
    held = [
        HeldFile(file.path, file.sha256, places.setdefault(key, len(places)))
        for file, key in zip(files, keys, strict=True)
    ]
    return held, list(places)


def _map(
    keys: list[ContentKey],
    mappings: Iterable[ColumnMapping | SaidColumns],
    read_blob: Callable[[str], bytes],
    store: ParsedStore,
) -> list[ContentKey]:
    """The keys, those of a script's own columns with the mapping that they are now read by."""
    by_shape = {mapping.shape: mapping for mapping in mappings}
    by_name = {mapping.name: mapping for mapping in by_shape.values()}
    names = {
        key: mapping.name
        for key, shaped in store.find_shapes(keys).items()
        if (mapping := by_shape.get(shaped.shape))
        and (isinstance(mapping, SaidColumns) or not shaped.known)
    }
    mapped = [key._replace(mapping=names.get(key, "")) for key in keys]
    parse_mapped(store.find_unknown(mapped), by_name, read_blob, store)
    return mapped


def _not_retained(file: SourceFile) -> FileStatus:
    return FileStatus(path=file.path, sha256=file.sha256, reason=file.reason)


def _find_proposed(accepted: Collection[str]) -> frozenset[str]:
    return frozenset() if "all" in accepted else experimental_formats() - frozenset(accepted)
