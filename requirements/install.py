"""Prepare the two environments from their lock files: `python3 requirements/install.py app|bot|dev ...`.

Runs on any Python from 3.8 on and uses nothing but the standard library, because it is the first
thing that runs on a new machine. Each environment is made once and then only when its lock file
has changed. What goes wrong is said in one sentence that names the mend; the exit status is 1.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"

# name of the environment -> folder, Python versions in the order we like them, variable that overrides
ENVIRONMENTS = {
    "app": (".venv", ("3.12", "3.11", "3.13"), "NAVIGATOR_PYTHON_APP"),
    "bot": (".venv-bot", ("3.10",), "NAVIGATOR_PYTHON_BOT"),
}
# what is installed where; `dev` goes on top of the app environment
LAYERS = {"app": "app", "bot": "bot", "dev": "app"}
UV = "uv==0.13.9"


class CannotInstall(Exception):
    """One sentence for the person at the keyboard."""


def say(text):
    print("· " + text, flush=True)


def version_of(python):
    """The "X.Y" of an interpreter, or None where it does not run (a pyenv shim without its version)."""
    try:
        answer = subprocess.run(
            [str(python), "-c", "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def pyenv_folders():
    roots = [os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv"), "/opt/pyenv"]
    for root in dict.fromkeys(r for r in roots if r):
        yield from sorted(Path(root).glob("versions/*"), key=natural, reverse=True)


def natural(path):
    return [int(part) if part.isdigit() else -1 for part in path.name.split(".")]


def candidates(wanted):
    on_path = shutil.which("python" + wanted)
    if on_path:
        yield on_path
    for folder in pyenv_folders():
        if folder.name.startswith(wanted + "."):
            yield folder / "bin" / "python"
    if version_of(sys.executable) == wanted:
        yield sys.executable


def find_python(name):
    """An interpreter for an environment: the override, PATH, pyenv's folder, or one that uv fetches."""
    _, versions, variable = ENVIRONMENTS[name]
    override = os.environ.get(variable)
    if override:
        found = version_of(override)
        if found not in versions:
            raise CannotInstall(
                "%s=%s is %s; it must be a Python %s with venv."
                % (
                    variable,
                    override,
                    "Python " + found if found else "no Python that runs",
                    " or ".join(versions),
                )
            )
        return override
    for version in versions:
        for python in candidates(version):
            if version_of(python) == version:
                return str(python)
    uv = shutil.which("uv")
    if uv:
        say("no Python %s found; asking uv for one" % versions[0])
        answer = subprocess.run([uv, "python", "find", versions[0]], capture_output=True, text=True)
        if answer.returncode != 0:
            subprocess.run([uv, "python", "install", versions[0]])
            answer = subprocess.run([uv, "python", "find", versions[0]], capture_output=True, text=True)
        if answer.returncode == 0:
            return answer.stdout.strip()
    raise CannotInstall(
        "No Python %s was found for the %s environment: install it (for example `pyenv install %s`) or set %s to one."
        % (" or ".join(versions), name, versions[0], variable)
    )


def make_environment(name):
    folder = ROOT / ENVIRONMENTS[name][0]
    if version_of(folder / "bin" / "python") in ENVIRONMENTS[name][1]:
        return folder
    python = find_python(name)
    say("%s: new environment with %s" % (folder.name, python))
    shutil.rmtree(folder, ignore_errors=True)
    if subprocess.run([python, "-m", "venv", str(folder)]).returncode != 0:
        raise CannotInstall(
            "%s could not make an environment in %s: is its venv module installed?" % (python, folder)
        )
    return folder


def installers(folder):
    """uv, which is many times faster, then pip: it may reach an index whose certificate uv does not trust."""
    python = str(folder / "bin" / "python")
    uv = shutil.which("uv") or str(folder / "bin" / "uv")
    if not Path(uv).exists():
        subprocess.run([python, "-m", "pip", "install", "--quiet", UV])
    if Path(uv).exists():
        yield [uv, "pip", "install", "--python", python]
        say("uv could not install it; trying pip, which takes a few minutes longer")
    yield [python, "-m", "pip", "install"]


def install(layer):
    folder = make_environment(LAYERS[layer])
    lock = LOCKS / (layer + ".lock")
    stamp = folder / ("%s.installed" % layer)
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    started = time.monotonic()
    packages = sum(
        1 for line in lock.read_text().splitlines() if "==" in line and not line.startswith((" ", "#"))
    )
    say("%s: installing %d packages from %s" % (folder.name, packages, lock.relative_to(ROOT)))
    stamp.unlink(missing_ok=True)
    if not any(
        subprocess.run(command + ["--require-hashes", "-r", str(lock)]).returncode == 0
        for command in installers(folder)
    ):
        raise CannotInstall(
            "%s could not be installed (see above): is a package index reachable? Run the same command again."
            % lock.name
        )
    stamp.write_text(digest)
    say("%s: ready after %.0f s" % (folder.name, time.monotonic() - started))


def main(layers):
    unknown = [layer for layer in layers if layer not in LAYERS]
    if unknown or not layers:
        raise CannotInstall("usage: install.py %s" % " | ".join(LAYERS))
    for layer in layers:
        install(layer)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CannotInstall as error:
        sys.exit("install: %s" % error)
    except KeyboardInterrupt:
        sys.exit("install: stopped")
