"""A host whose clock is wrong by CLOCK_OFF_S seconds, as far as Python asks `time`; loaded by being on PYTHONPATH.

`datetime.now` reads the clock in C and is not shifted: nothing that a worker runs asks it.
"""

import os
import time

_OFF_S = float(os.environ.get("CLOCK_OFF_S", "0"))
_right_s, _right_ns = time.time, time.time_ns

time.time = lambda: _right_s() + _OFF_S
time.time_ns = lambda: _right_ns() + int(_OFF_S * 1e9)
