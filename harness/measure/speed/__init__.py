"""Speed: pairs of live sides by turns, what they are fed, the calls on the clock, throughput with its verdict."""
