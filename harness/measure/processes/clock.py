"""The clock of every measurement: monotonic nanoseconds, bound before any implementation is imported."""

import time

now_ns = time.perf_counter_ns
cpu_ns = time.process_time_ns
sleep_s = time.sleep
