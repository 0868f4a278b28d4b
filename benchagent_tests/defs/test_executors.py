"""Where steps are executed is a setting."""

import sys
from pathlib import Path

import pytest
from dagster._core.definitions.definition_config_schema import ConfiguredDefinitionConfigSchema

from benchagent.defs.executors import ExecutorError, choose_executor


def test_without_a_word_a_run_stays_in_its_process() -> None:
    assert choose_executor({}).name == "in_process"


@pytest.mark.parametrize("name", ["in-process", "multiprocess"])
def test_the_environment_names_the_executor(name: str) -> None:
    assert choose_executor({"BENCHAGENT_EXECUTOR": name}).name == name.replace("-", "_")


def test_an_unknown_executor_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ExecutorError, match="'cluster', expected one of in-process, multipr"):
        choose_executor({"BENCHAGENT_EXECUTOR": "cluster"})


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # None makes Python's import say that there is no such module.
    monkeypatch.setitem(sys.modules, "dagster_celery", None)
    with pytest.raises(ExecutorError, match=r"pip install 'benchagent\[deploy\]'"):
        choose_executor({"BENCHAGENT_EXECUTOR": "celery"})


def test_settings_come_from_the_file_that_workers_read_too(tmp_path: Path) -> None:
    pytest.importorskip("dagster_celery")
    file = tmp_path / "celery.yaml"
    file.write_text("execution: {config: {broker: 'redis://h:1/0'}}\n", encoding="utf-8")
    environ = {"BENCHAGENT_EXECUTOR": "celery", "BENCHAGENT_EXECUTOR_CONFIG": str(file)}

    executor = choose_executor(environ)

    assert executor.name == "celery"
    # Nothing is left for a run's own configuration to say: all runs use this broker.
    schema = executor.config_schema
    assert isinstance(schema, ConfiguredDefinitionConfigSchema)
    resolved = schema.resolve_config({"config": {}}).value or {}
    assert resolved["config"]["broker"] == "redis://h:1/0"


@pytest.mark.parametrize(
    "text", ["", "broker: redis://h", "execution: [1]", "execution: {config: }"]
)
def test_a_file_of_another_shape_is_refused_by_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "celery.yaml"
    file.write_text(text, encoding="utf-8")
    environ = {"BENCHAGENT_EXECUTOR_CONFIG": str(file)}
    with pytest.raises(ExecutorError, match=r"celery\.yaml: expected .* `execution: config:`"):
        choose_executor(environ)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ExecutorError, match=r"none\.yaml, which cannot be read"):
        choose_executor({"BENCHAGENT_EXECUTOR_CONFIG": str(tmp_path / "none.yaml")})
