"""Tells tox environments where the user stands, so that targets such as ``exec:./adapter`` are found there."""

import os

os.environ.setdefault("DISCO_STANDS", os.getcwd())
