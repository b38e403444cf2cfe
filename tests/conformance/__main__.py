"""`python -m tests.conformance dmn-tck DIR [--csv FILE]`, `... betsy DIR`, `... forms DIR`: one line per failing case,
last line `passed/total`.
"""

import argparse
from pathlib import Path

from tests.conformance import betsy, betsy_refused, dmn_tck, forms, miwg


def main() -> None:
    """Runs the suite named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance")
    suites = parser.add_subparsers(dest="suite", required=True)
    tck = suites.add_parser("dmn-tck", help="the DMN Technology Compatibility Kit")
    tck.add_argument("folder", type=Path)
    tck.add_argument("--csv", type=Path, help="also writes the results in the kit's own format")
    models = suites.add_parser("betsy", help="the executable BPMN models of betsy")
    models.add_argument("folder", type=Path)
    models.add_argument("--pure", action="store_true", help="through the pure engine, without database")
    refused = suites.add_parser("betsy-refused", help="models that break a rule of the standard")
    refused.add_argument("folder", type=Path)
    refused.add_argument("--explain", action="store_true", help="also says which rule refuses each model")
    drawn = suites.add_parser("miwg", help="the models of the BPMN interchange suite, as a trial of the gate")
    drawn.add_argument("folder", type=Path)
    asked = suites.add_parser("forms", help="forms, <name>.schema.json with or without <name>.ui.json")
    asked.add_argument("folder", type=Path)
    asked.add_argument("--explain", action="store_true", help="also one line per form, and the constraints not broken")
    arguments = parser.parse_args()
    if arguments.suite == "betsy":
        betsy.run(arguments.folder, pure=arguments.pure)
    elif arguments.suite == "betsy-refused":
        betsy_refused.run(arguments.folder, explain=arguments.explain)
    elif arguments.suite == "miwg":
        miwg.run(arguments.folder)
    elif arguments.suite == "forms":
        forms.run(arguments.folder, explain=arguments.explain)
    else:
        dmn_tck.run(arguments.folder, arguments.csv)


if __name__ == "__main__":
    main()
