"""Where things are: the artifact roots, the roster, and the folder for all that is generated.

Every path of a Dagster process comes from here, and it is told by environment variables, so that
the command line, the UI's daemon and a worker on another machine see the same project.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PACKAGE = Path(__file__).resolve().parent.parent
REPOSITORY = PACKAGE.parent


def shipped(name: str) -> Path:
    """A file that comes with benchagent: the repository's, or its copy in an installed package."""
    here = REPOSITORY / name
    return here if here.is_file() else PACKAGE / "shipped" / Path(name).name


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One project's places, all absolute.

    Attributes:
        data: what to scan: a folder, or several `name=DIR` (see `inventory.resolve_roots`).
        out: everything generated; readable by its owner alone.
        agents: the roster.
        accepted_formats: experimental formats that the user vouches for, or `all`.
    """

    data: tuple[str, ...]
    out: Path
    agents: Path
    accepted_formats: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls) -> Self:
        """BENCHAGENT_DATA (separated as in PATH), _OUT, _AGENTS and _ACCEPT_FORMATS (by commas).

        Without them it is the data/ folder below the current folder, else the repository's.
        """
        return cls.of(
            data=tuple(filter(None, os.environ.get("BENCHAGENT_DATA", "").split(os.pathsep))),
            out=os.environ.get("BENCHAGENT_OUT"),
            agents=os.environ.get("BENCHAGENT_AGENTS"),
            accepted_formats=tuple(
                filter(None, os.environ.get("BENCHAGENT_ACCEPT_FORMATS", "").split(","))
            ),
        )

    @classmethod
    def of(
        cls,
        *,
        data: tuple[str, ...] = (),
        out: Path | str | None = None,
        agents: Path | str | None = None,
        accepted_formats: tuple[str, ...] = (),
    ) -> Self:
        """The project with those places, and the usual ones where none is given."""
        home = Path.cwd() / "data"
        if not home.is_dir() and (REPOSITORY / "data").is_dir():
            home = REPOSITORY / "data"
        data = data or (str(home),)
        return cls(
            data=tuple(_absolute(spec) for spec in data),
            out=Path(out).absolute() if out else home / "out",
            agents=Path(agents).absolute() if agents else _find_roster(data, home),
            accepted_formats=accepted_formats,
        )

    def environment(self) -> Mapping[str, str]:
        """The variables that tell another process of this project."""
        return {
            "BENCHAGENT_DATA": os.pathsep.join(self.data),
            "BENCHAGENT_OUT": str(self.out),
            "BENCHAGENT_AGENTS": str(self.agents),
            "BENCHAGENT_ACCEPT_FORMATS": ",".join(self.accepted_formats),
        }

    @property
    def dagster_home(self) -> Path:
        """Dagster's storage, logs and settings."""
        return self.out / "dagster"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file for readers."""
        return self.out / "warehouse.duckdb"

    def snapshot(self, key: str) -> Path:
        """The folder of what was made of one snapshot."""
        return self.out / "snapshots" / key


def _absolute(spec: str) -> str:
    name, equals, folder = spec.partition("=")
    if equals and "/" not in name and os.sep not in name:
        return f"{name}={Path(folder).expanduser().absolute()}"
    return str(Path(spec).expanduser().absolute())


def _find_roster(data: tuple[str, ...], home: Path) -> Path:
    """The scanned folder's own agents.yaml, else this project's, else the shipped one."""
    own = [folder / "agents.yaml" for folder in (Path(data[0]), home)]
    # A folder that cannot be read is reported by whoever reads its files.
    found = [path for path in own if os.path.isfile(path)]  # noqa: PTH113 - is_file() raises
    return found[0].absolute() if found else shipped("data/agents.yaml")
