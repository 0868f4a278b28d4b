"""Where the steps of a Dagster run are executed: in its process, in more of them, or elsewhere.

A setting of the environment decides, so that the same definitions run on a laptop and on a
cluster: BENCHAGENT_EXECUTOR names the executor, and BENCHAGENT_EXECUTOR_CONFIG a YAML file with
its settings below `execution: config:`, the form that `dagster-celery worker start -y` reads too.
"""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from benchagent.errors import ExplainedError

EXECUTOR = "BENCHAGENT_EXECUTOR"
CONFIG = "BENCHAGENT_EXECUTOR_CONFIG"


class ExecutorError(ExplainedError):
    """The executor's settings cannot be used; the message says where and why."""


def choose_executor(environ: Mapping[str, str]) -> dg.ExecutorDefinition:
    """The executor that the environment names; without a word, the one of a single process.

    Raises:
        ExecutorError: there is no such executor, its package is missing, or its file is no such.
    """
    name = environ.get(EXECUTOR) or "in-process"
    if name not in EXECUTORS:
        raise ExecutorError(f"{EXECUTOR} is {name!r}, expected one of {', '.join(EXECUTORS)}")
    executor = EXECUTORS[name]()
    path = environ.get(CONFIG)
    config = {**SETTINGS.get(name, {}), **(_read_config(Path(path)) if path else {})}
    return executor.configured(config, name=executor.name) if config else executor


QUEUE = "dagster-celery/queue"
# A step that waits for its host would hold a process that another host's step could have.
ONE_PER_HOST = {"key": QUEUE, "value": {"applyLimitPerUniqueValue": True}, "limit": 1}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "multiprocess": {"tag_concurrency_limits": [ONE_PER_HOST]},
}


def _of_package(module: str, attribute: str, extra: str) -> Callable[[], dg.ExecutorDefinition]:
    def load() -> dg.ExecutorDefinition:
        try:
            return getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            raise ExecutorError(
                f"{EXECUTOR} asks for {module}, and {error.name} is not installed: "
                f"pip install {extra}"
            ) from error

    return load


EXECUTORS: Mapping[str, Callable[[], dg.ExecutorDefinition]] = {
    "in-process": lambda: dg.in_process_executor,
    "multiprocess": lambda: dg.multiprocess_executor,
    "celery": _of_package("dagster_celery", "celery_executor", "'benchagent[deploy]'"),
    "k8s": _of_package("dagster_k8s", "k8s_job_executor", "dagster-k8s"),
}


def _read_config(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ExecutorError(f"{CONFIG} names {path}, which cannot be read: {error}") from error
    execution = found.get("execution") if isinstance(found, dict) else None
    config = execution.get("config") if isinstance(execution, dict) else None
    if not isinstance(config, dict):
        raise ExecutorError(f"{path}: expected the executor's settings below `execution: config:`")
    return config
