"""A processor that is not running: what is asked of it then is refused in one way."""

from harness.errors import ContractError


def not_started(processor: object, method: str) -> ContractError:
    """The error of `processor`, of which `method` was asked before `start` or after `stop`."""
    return ContractError(f"{type(processor).__name__}.{method} was called before start; call start(sensors, retain)")


class Started:
    """Mixed into a processor that keeps in `_running` whether it is."""

    _running: bool

    def _demand_started(self, method: str) -> None:
        if not self._running:
            raise not_started(self, method)
