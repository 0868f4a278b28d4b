"""Where the tests find what is not beside them."""

from benchagent.pipeline.project import REPOSITORY

DOCS = REPOSITORY / "docs"
SAMPLES = REPOSITORY / "benchagent_tests" / "samples"
SHARED = REPOSITORY.parent / "shared"  # not in the repository; tests that need it skip without it
