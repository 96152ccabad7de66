"""The proof that an implementation is right: evidence gathered from fresh workers, one small function a check."""

from harness.verify.checks import CHECKS
from harness.verify.timed import check_samples, check_under_load
from harness.verify.verifier import check_window, verify

__all__ = ["CHECKS", "check_samples", "check_under_load", "check_window", "verify"]
