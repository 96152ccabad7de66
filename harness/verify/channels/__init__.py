"""The proof that a channel is right: scenarios in real processes, one small function a check."""

from harness.verify.channels.checks import CHANNEL_CHECKS
from harness.verify.channels.verifier import verify_channel

__all__ = ["CHANNEL_CHECKS", "verify_channel"]
