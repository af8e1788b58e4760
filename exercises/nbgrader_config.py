"""The course: nbgrader reads this file. How to run a term with it: README.md beside it."""

from gupkit.course.nbgrader import course_config

c = get_config()  # noqa: F821  nbgrader provides it
c.CourseDirectory.course_id = "gup"

# Sheets and hidden inputs are drawn from this. Put in a line of your own before the term, and keep it to yourself;
# the environment variable GUPKIT_COURSE_SECRET has precedence.
SECRET = "replace this by a long line of your own"

# With hardened=False nbgrader executes submissions itself, as you, with all your rights. Do not. With without_wall=True
# submissions are graded also on a machine where they can read your files (README.md, What protects you).
course_config(c, SECRET, hardened=True, without_wall=False)

# Where grades are kept: gradebook.db beside this file, unless you name another database here or, for one machine, in
# the environment variable GUPKIT_GRADEBOOK.
# c.CourseDirectory.db_url = "postgresql+psycopg://user@host/gradebook"
