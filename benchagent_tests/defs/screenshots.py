"""Pictures of the real UI, taken with a headless Chromium."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from benchagent_tests.patience import PATIENCE_S

WIDTH, HEIGHT = 1400, 900
# Of the page's own clock: its scripts ask for data again and again, and are never done.
RENDERED_MS = 25_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WITHOUT = "there is no Chromium; on Debian: apt-get install chromium"


def find_browser() -> str | None:
    """A Chromium of this machine."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def take_picture(browser: str, url: str, path: Path, *, height: int = HEIGHT) -> None:
    """A picture of a page, once its scripts have had time to fill it."""
    _browse(browser, url, f"--screenshot={path}", f"--window-size={WIDTH},{height}")


def read_page(browser: str, url: str) -> str:
    """The page's HTML, as its scripts have made it."""
    return _browse(browser, url, "--dump-dom")


def _browse(browser: str, url: str, *wanted: str) -> str:
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [
                *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                *(f"--user-data-dir={profile}", f"--virtual-time-budget={RENDERED_MS}"),
                *(*wanted, url),
            ],
            check=True,
            timeout=PATIENCE_S,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    return done.stdout.decode()
