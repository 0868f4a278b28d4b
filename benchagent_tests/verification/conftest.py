"""The folder of a module of tests, measured once."""

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.folders import fill
from benchagent_tests.verification.verifying import measure


@pytest.fixture(scope="module")
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """What the module's `FOLDER`, texts by path, says."""
    folder = fill(tmp_path_factory.mktemp("data"), request.module.FOLDER)
    return measure(folder, tmp_path_factory.mktemp("out"))
