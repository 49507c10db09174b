"""How much the pictures of a kernel may send, so that none is lost on its way to the page."""

import threading
import time

RATE, BURST = 600_000, 900_000
"""Bytes a second in the long run, and bytes at once.

A Jupyter server drops what a kernel sends as soon as it is more than 1,000,000 bytes a second, on
average over three (`iopub_data_rate_limit` and `rate_limit_window` of jupyter_server).
"""


class Flow:
    """Lets pictures pass at once as long as they are few, and then as fast as the server bears."""

    def __init__(self, rate=RATE, burst=BURST, now=time.monotonic, sleep=time.sleep):
        """Begin with room for a whole burst.

        Args:
            rate, burst: as above.
            now, sleep: the clock.
        """
        self._rate, self._burst, self._now, self._sleep = rate, burst, now, sleep
        self._room, self._at = burst, now()
        self._one_at_a_time = threading.Lock()

    def has_room(self) -> bool:
        """Whether half of a burst may still be sent: if not, pictures should be small, or few."""
        with self._one_at_a_time:
            return self._update() >= self._burst / 2

    def send(self, size):
        """Count a picture of so many bytes, and wait until it may be sent."""
        with self._one_at_a_time:
            self._room = self._update() - size
            missing = -self._room
        if missing > 0:
            self._sleep(missing / self._rate)

    def _update(self):
        now = self._now()
        self._room = min(self._burst, self._room + (now - self._at) * self._rate)
        self._at = now
        return self._room


FLOW = Flow()
"""That of this kernel: all its pictures share the way."""
