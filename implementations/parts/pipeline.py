"""An asyncio pipeline with back-pressure, run step by step from ordinary code."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

Stage = Callable[[Any], Any]


class Pipeline:
    """Stages that work concurrently on a private event loop, a bounded queue before each.

    The loop runs only inside the methods, in the caller's thread: `feed` only while there is no room, `poll` for a
    step of each stage, `drain` until nothing is under way. One task a stage, so items keep their order. An
    exception in a stage comes out of the method that was running the loop.

    Parameters
    ----------
    stages
        What is done to an item, one after the other.
    depth
        Most items that wait before each stage; `feed` does not return before there is room.

    Examples
    --------
    >>> pipeline = Pipeline([lambda x: x + 1, lambda x: 10 * x], depth=2)
    >>> for number in range(6):
    ...     pipeline.feed(number)
    >>> pipeline.drain()
    >>> pipeline.take()
    [10, 20, 30, 40, 50, 60]
    >>> pipeline.stop()
    """

    def __init__(self, stages: Sequence[Stage], depth: int) -> None:
        self._done: list[Any] = []
        self._under_way = 0
        self._loop = asyncio.new_event_loop()
        self._queues: list[asyncio.Queue[Any]] = [asyncio.Queue(depth) for _ in stages]
        self._workers = [self._loop.create_task(self._work(stage, place)) for place, stage in enumerate(stages)]

    async def _work(self, stage: Stage, place: int) -> None:
        source = self._queues[place]
        while True:
            result = stage(await source.get())
            if place + 1 < len(self._queues):
                await self._queues[place + 1].put(result)
            else:
                self._done.append(result)
                self._under_way -= 1
            source.task_done()
            await asyncio.sleep(0)  # one item a step, so that no stage starves the others

    def feed(self, item: Any) -> None:
        """Hand an item to the first stage; while its queue is full, let the stages work instead of returning."""
        self._under_way += 1
        if self._queues[0].full():
            self._run(self._queues[0].put(item))
        else:
            self._queues[0].put_nowait(item)

    def poll(self) -> None:
        """Let each stage take one step, if anything is under way."""
        if self._under_way:
            self._run(asyncio.sleep(0))

    def drain(self) -> None:
        """Wait until every item has passed all stages."""
        if self._under_way:
            self._run(self._join())

    async def _join(self) -> None:
        for queue in self._queues:
            await queue.join()

    def take(self) -> list[Any]:
        """The finished items, oldest first; they are handed over once."""
        done, self._done = self._done, []
        return done

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._loop.run_until_complete(self._watch(work))

    async def _watch(self, work: Coroutine[Any, Any, None]) -> None:
        """Await `work`, or raise what ended a worker, which would leave it waiting forever."""
        task = self._loop.create_task(work)
        await asyncio.wait((task, *self._workers), return_when=asyncio.FIRST_COMPLETED)
        for worker in self._workers:
            if worker.done():
                task.cancel()
                worker.result()

    def stop(self) -> None:
        """Cancel the workers and close the loop; what is under way is lost."""
        if self._loop.is_closed():
            return
        for worker in self._workers:
            worker.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._workers, return_exceptions=True))
        self._loop.close()
