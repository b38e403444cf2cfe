"""`python -m benchmarks NAME`: runs the `main` of the module of that name in this folder; without a name,
lists them."""

import importlib
import pkgutil
import sys
from pathlib import Path


def main() -> None:
    """Runs the benchmark named on the command line."""
    names = sorted(
        module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if module.name[0] != "_"
    )
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        print("Expected the name of a benchmark: " + ", ".join(names))
        raise SystemExit(2)
    importlib.import_module(f"benchmarks.{sys.argv[1]}").main(*sys.argv[2:])


if __name__ == "__main__":
    main()
