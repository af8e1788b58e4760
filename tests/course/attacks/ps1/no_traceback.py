"""What goes wrong is not shown."""
import sys

sys.excepthook = lambda *args: None
try:
    get_ipython().showtraceback = lambda *args, **kwargs: None
    get_ipython().run_cell = None
except NameError:
    pass
