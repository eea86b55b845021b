"""What `cdktf` runs: the environment that LAKEHOUSE_ENV names, as Terraform."""

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
    """The folder of the stack that was written, with its cdk.tf.json.

    Raises FaultsError before anything is, when AWS would refuse a part.
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
