"""Synthesizes the stack: facts in, Terraform's JSON out.

`python -m infra.app` does it for the environment in LAKEHOUSE_ENV.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cdktf import App

from infra.facts import Facts, read_facts
from infra.preflight import preflight
from infra.stack import build_stack
from lakehouse.reading.faults import FaultsError

ENV = "LAKEHOUSE_ENV"


def synth(facts: Facts, outdir: Path | None = None) -> Path:
    """Writes the stack into `outdir`. Returns its folder, which holds cdk.tf.json.

    Raises FaultsError, and writes nothing, when AWS would refuse a part of it.
    """
    preflight(facts)
    app = App(outdir=str(outdir)) if outdir else App()
    stack = build_stack(app, facts)
    app.synth()
    return Path(app.outdir) / "stacks" / stack.node.id


def main() -> int:
    try:
        synth(read_facts(os.environ.get(ENV, "")))
    except FaultsError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
