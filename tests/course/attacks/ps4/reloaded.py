"""The kit is loaded anew, from wherever Python finds it, also in another process."""
import importlib
import subprocess
import sys

import gupkit.kernel.gup as gup


def again():
    yield lambda: importlib.reload(gup).follow_page
    yield lambda: fresh()
    yield lambda: subprocess.run([sys.executable, "-c", "import gupkit.kernel.gup"], check=True) and None
    yield lambda: __import__("inspect").getsource(gup)


def fresh():
    for name in [n for n in sys.modules if n.startswith("gupkit")]:
        del sys.modules[name]
    return importlib.import_module("gupkit.kernel.gup").follow_page


for way in again():
    try:
        follow_page = way()
        if callable(follow_page):
            break
    except BaseException:
        continue
