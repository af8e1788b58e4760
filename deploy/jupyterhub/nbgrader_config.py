"""nbgrader for everybody on the hub, students and formgrader: where the exchange is, and who is who.

The course has an ``nbgrader_config.py`` of its own, which only the formgrader reads; see jupyterhub_config.py.
"""

import os
from pathlib import Path

c = get_config()  # noqa: F821  nbgrader provides it

c.CourseDirectory.course_id = "gup"
c.Exchange.root = os.environ["GUPKIT_EXCHANGE"]

if "GUPKIT_COURSE" in os.environ:
    c.CourseDirectory.root = os.environ["GUPKIT_COURSE"]
    load_subconfig(str(Path(os.environ["GUPKIT_COURSE"]) / "nbgrader_config.py"))  # noqa: F821
elif "JUPYTERHUB_USER" in os.environ:
    # without this nbgrader asks the system, which need not know the names that people log in with
    c.CourseDirectory.student_id = os.environ["JUPYTERHUB_USER"]
