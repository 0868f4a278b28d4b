"""From a folder of benchmark artifacts to reports whose every figure leads back to its cell.

`inventory` lists and keeps the files of a snapshot; `formats` reads their numbers into
`measurements`; `facts` computes what they say and `findings` ranks what is worth telling; an
agent's `analysis` chooses and words it; `report` writes it, `verification` checks it, and
`comparison` sets agents side by side. The model asks, links and words; code computes and checks.
"""

import os
import sys

# Arrow asks once, when it is imported. Its own choice (mimalloc) keeps 150 MB of what was freed
# for the use of single threads; these use it again or give it back.
os.environ.setdefault(
    "ARROW_DEFAULT_MEMORY_POOL", "system" if sys.platform == "win32" else "jemalloc"
)
