"""Measuring: workers, their messages, and what is asked of them."""
