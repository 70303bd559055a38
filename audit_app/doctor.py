"""What this machine lacks, and the exact command that mends it.

Uses the standard library only, because `make` runs it as a file before anything is installed:
`python3 audit_app/doctor.py [--tests] [--install]`. Exit 2: somebody must act.
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

RUN_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
TEST_PACKAGES = ("chromium", "poppler-utils", "fonts-noto-cjk")
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20


def missing_packages(tests: bool) -> list[str]:
    """Debian packages that are not installed."""
    wanted = RUN_PACKAGES + (TEST_PACKAGES if tests else ())
    missing = [name for name in wanted if not _installed(name)]
    if find_spec("ensurepip") is None:  # Debian keeps it apart, and a virtual environment needs it
        missing.insert(0, "python3-venv")
    return missing


def _installed(name: str) -> bool:
    answer = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", name], capture_output=True, text=True)
    return answer.returncode == 0 and answer.stdout == "installed"


def faults(tests: bool) -> list[tuple[str, str]]:
    """(what is wrong, what mends it) in the order in which they should be mended."""
    found = []
    if sys.version_info < OLDEST_PYTHON:
        found.append((f"Python {sys.version.split()[0]} is too old; 3.11 is needed", "apt-get install -y python3.11"))
    node = _node_version()
    if node < OLDEST_NODE:
        found.append((f"Node.js 20 is needed (found: {node or 'none'})", "install Node.js 20 or newer, with npm"))
    if shutil.which("dpkg-query") is None:
        found.append(("This is not Debian: the system libraries cannot be checked", "see README, Set-up"))
        return found
    packages = missing_packages(tests)
    if packages:
        found.append((f"Missing system packages: {' '.join(packages)}", f"apt-get install -y {' '.join(packages)}"))
    return found


def _node_version() -> int:
    program = shutil.which("node")
    if program is None or shutil.which("npm") is None:
        return 0
    answer = subprocess.run([program, "--version"], capture_output=True, text=True)
    major = answer.stdout.strip().lstrip("v").split(".")[0]
    return int(major) if major.isdigit() else 0


def install(packages: list[str]) -> bool:
    """Installs Debian packages as root; False if this user may not or it failed."""
    if not packages:
        return True
    if os.geteuid() != 0:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    return subprocess.run(command, env=quiet, check=False).returncode == 0


def say(lines: list[tuple[str, str]]) -> None:
    for wrong, mend in lines:
        command = f"sudo {mend}" if mend.startswith("apt-get") and os.geteuid() != 0 else mend
        sys.stderr.write(f"✗ {wrong}\n  → {command}\n")


def main() -> int:
    tests = "--tests" in sys.argv
    if "--install" in sys.argv and shutil.which("dpkg-query"):
        install(missing_packages(tests))
    found = faults(tests)
    say(found)
    return 2 if found else 0


if __name__ == "__main__":
    sys.exit(main())
