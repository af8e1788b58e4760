"""What every test has in common."""

from hypothesis import settings

# The same examples on every machine and every run: a test that fails, fails for everybody.
settings.register_profile("gupkit", derandomize=True, deadline=None, database=None)
settings.load_profile("gupkit")
