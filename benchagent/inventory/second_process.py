"""What the second process of a scan does: it reads batches of files and answers what they are.

It imports next to nothing, or it would start when the first process is done. Both sides speak
`marshal`, plain texts in columns; they are the same Python.
"""

import marshal
import sys

from benchagent.inventory.reading import read_files
from benchagent.messages import receive, send


def answer() -> None:
    """Read batches from standard input until it ends: the program of the second process."""
    try:
        send(sys.stdout.buffer, b"ready")
        out, size_cap, anew = marshal.loads(receive(sys.stdin.buffer))
        while True:
            columns = marshal.loads(receive(sys.stdin.buffer))
            outcomes = read_files(out, *columns, size_cap=size_cap, anew=anew)
            send(sys.stdout.buffer, marshal.dumps(outcomes))
    except EOFError:
        return
