"""Python's garbage collector, kept from searching objects that stay alive anyway.

It walks over all living objects, again and again as more are made: for a folder of 100k files that
took a seventh of the first process's time and found nothing. In a process that has imported
Dagster, one walk over everything imported takes as long as the report of a small folder.
"""

import atexit
import gc
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

# The collector walks over the new objects once so many more were made than freed. With Python's own
# threshold of 700, a snapshot costs some hundred walks, one or two of them over all living objects.
_NEW_OBJECTS: Final = 10_000


@contextmanager
def collection_paused() -> Generator[None, None, None]:
    """Keep the collector from running within the block; reference counting goes on."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def spare_imports() -> None:
    """Leave everything imported so far out of later walks, and make walks rare."""
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
    # At exit DuckDB's bindings complain of objects that the collector may not reach.
    atexit.register(gc.unfreeze)
