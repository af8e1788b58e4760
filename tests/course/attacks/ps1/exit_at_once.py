"""The process ends in the middle of the notebook, with success."""
import os

os._exit(0)
