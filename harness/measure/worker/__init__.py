"""Inside the worker process: the implementation under test, what is guarded, and what can be asked of it.

Nothing else of the harness imports this room: a worker is started as :mod:`.serve` and asked through a socket.
"""
