"""
A graph as the scheduler sees it: who waits for whom, and where each node runs.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.engine.book import JobBook
from pipeyard.scheduler.event import NodeOrder


def node_orders(book: JobBook, slots: Mapping[str, int]) -> tuple[NodeOrder, ...]:
    """
    Return the nodes of a job in their order.

    A step that asks for more instances than its pool has takes the whole pool: on one
    machine instances are processes beside each other, and waiting would never end.
    """
    places = {node: place for place, node in enumerate(book.graph.nodes)}
    orders = []
    for node in book.graph.nodes.values():
        pool = book.pages[node.id].pool
        size = slots.get(pool)
        count = node.instance_count if node.control is None else 1
        instances = count if not size else max(1, min(count, size))
        orders.append(
            NodeOrder(
                id=node.id,
                upstream=tuple(sorted(node.upstream, key=places.__getitem__)),
                compute=pool,
                instances=instances,
                tries_max=1 if node.retry is None else node.retry.tries_max,
                backoff_seconds=0.0 if node.retry is None else node.retry.backoff_seconds,
                retry_when=() if node.retry is None else node.retry.when,
                priority=node.priority.rank,
                is_final=node.is_final,
                # After a failure of another step nothing may start before it is known whether the job goes on.
                may_be_held=instances == 1 and node.control is None and book.graph.continue_on_step_failure,
            )
        )
    return tuple(orders)
