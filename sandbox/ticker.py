"""A thread that takes one step every so often, until it is stopped."""

import threading
from collections.abc import Callable


class Ticker:
    """Calls `step` at once and then with a rest of `every_s` seconds between two calls.

    A step deals with the failures that it expects; any other ends the thread, with a traceback.
    """

    def __init__(self, name: str, step: Callable[[], object], every_s: float) -> None:
        self._step = step
        self._every_s = every_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns once the step under way is done."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._step()
            self._stopped.wait(self._every_s)
