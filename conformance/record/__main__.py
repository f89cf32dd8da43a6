"""Entry point of ``python -m conformance.record``."""

import sys

from conformance.record.command import main

sys.exit(main())
