"""Child: the process in which one document is laid out, under limits it cannot lift. Reads a job on its standard
input, writes the PDF.

Run as a script by `connectors.document.press`, never imported by the server. Its root folder is empty, its values
are one JSON text.
"""

import ctypes
import json
import resource
import sys
from datetime import datetime

SECONDS = 10
MEMORY = 2 * 1024**3
LARGEST_FILE = 32 * 1024**2


def limit() -> None:
    """No more than 10 s of processor, 2 GiB, small files, no new process."""
    for kind, most in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def cut_network() -> int:
    """A network of its own, without any interface, where the system allows it (Linux); 0 when done.

    Our layouts import nothing and values are never run, so this is a second fence: elsewhere there is only the first.
    """
    new_user, new_network = 0x10000000, 0x40000000
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    return -1 if unshare is None else unshare(new_user | new_network)


def main() -> None:
    """Lay out one document."""
    cut_network()
    limit()
    import typst  # after the limits, so that they hold for everything it does

    asked = json.loads(sys.stdin.buffer.read())
    compiler = typst.Compiler(
        input=asked["layout"].encode(),
        root=asked["root"],
        ignore_system_fonts=True,
        sys_inputs={"values": asked["values"]},
        package_path=asked["root"],
        package_cache_path=asked["root"],
    )
    made = compiler.compile(
        format=asked["format"],
        ppi=asked["ppi"],
        pdf_standards=asked["standards"],
        timestamp=datetime.fromisoformat(asked["at"]),
    )
    pages = made if isinstance(made, list) else [made]
    sys.stdout.buffer.write(pages[0] or b"")


if __name__ == "__main__":
    main()
