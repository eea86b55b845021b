"""The first program of a run's process: ties its life to that of the embedded Glue, and becomes the job.

It runs as a file, by a Python without packages: `python child.py OWNER PROGRAM ARGUMENT…`.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(owner: int, command: list[str]) -> None:
    """Become `command`. Linux ends it when the process `owner` ends; elsewhere only a stop does."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != owner:  # it ended before the call
            os.kill(os.getpid(), signal.SIGKILL)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
