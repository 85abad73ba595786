"""``python -I -S tied.py PID COMMAND…``: become a command that ends when its parent, the process PID, does.

Without it, whatever supervisor has started would outlive a supervisor that is killed. A script of the standard
library alone, because one of it is started for each process.
"""

import ctypes
import os
import signal
import sys

# prctl(2); only Linux has it.
PR_SET_PDEATHSIG = 1

if sys.platform == "linux":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
# It may have died before we asked to be told.
if os.getppid() == int(sys.argv[1]):
    os.execvp(sys.argv[2], sys.argv[2:])
