"""A process leaves the session, holds every file open and waits for the next submission."""
import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(1)
