"""Scenarios performed on this machine's Linux, in real processes that do nothing else.

:mod:`~gupkit.host.run.runner` runs one; :mod:`~gupkit.host.run.crew` has the processes, which it calls servants;
:mod:`~gupkit.host.run.sample` looks at their pages from outside; :mod:`~gupkit.host.run.probe` says what this
machine allows.
"""
