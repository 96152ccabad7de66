"""Measuring, in rooms: what is asked of a worker process, by whom, and what comes of it.

From the bottom up: a room may import those before it in this list, never one after it.

- `processes`: a process is started, tied to its parent, spoken with, watched, contained and cleared away;
- `speed`: pairs of live sides by turns, what they are fed, the calls on the clock, throughput;
- `machine`: what the machine itself does to a figure: its noise, its stalls, the bandwidth of its memory;
- `memory`: bytes and allocations, in passes of their own;
- `load`: the open loop: a schedule, its generator, latency under it, the capacity within an objective;
- `channels`: the sides of a channel, each in a process of its own, untimed, timed and as the source of an open loop;
- `worker`: inside the worker process: the implementation under test and the operations that can be asked of it.
"""
