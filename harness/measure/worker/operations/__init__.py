"""What a worker can be asked: one operation, one file, each a function ``run(host, request) -> Message``.

An operation runs inside the worker, beside the implementation; it knows no right answer.
"""
