"""``make audit``: pip-audit over both lock files, without the exceptions that are in force.

Needs the internet: pip-audit asks the Python index what is known of each package.
"""

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
EXCEPTIONS = FOLDER / "audit-exceptions.yml"
TOOL = "pip-audit==2.10.1"


def exceptions(lock: str, today: dt.date) -> list[str]:
    """Ids to pass over in ``lock``; what has run out is not among them."""
    listed: list[dict[str, Any]] = yaml.safe_load(EXCEPTIONS.read_text("utf-8"))
    return [one["id"] for one in listed if one["lock"] == lock and one["until"] >= today]


def command(uv: str, lock: str, today: dt.date) -> list[str]:
    """The call of pip-audit for one lock file."""
    ignored = [word for one in exceptions(lock, today) for word in ("--ignore-vuln", one)]
    file = str(FOLDER / "requirements" / f"{lock}.lock")
    how = ["-r", file, "--no-deps", "--disable-pip", "--progress-spinner", "off"]
    return [uv, "tool", "run", "--quiet", TOOL, *how, *ignored]


def main(uv: str) -> int:
    today = dt.date.today()
    results = [subprocess.run(command(uv, lock, today)).returncode for lock in ("app", "engine")]
    return max(results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
