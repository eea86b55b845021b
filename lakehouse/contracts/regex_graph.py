"""Walks of graphs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

Node = TypeVar("Node")


def reachable(starts: Iterable[Node], after: Callable[[Node], Iterable[Node]]) -> set[Node]:
    """The starts, and all nodes that `after` leads to."""
    reached, waiting = set(starts), deque(starts)
    while waiting:
        for node in after(waiting.popleft()):
            if node not in reached:
                reached.add(node)
                waiting.append(node)
    return reached


def components(edges: dict[Node, dict[Node, Any]]) -> Iterator[set[Node]]:
    """The strongly connected components (Tarjan), each after those that it leads to."""
    order: dict[Node, int] = {}
    lowest: dict[Node, int] = {}
    stack: list[Node] = []
    on_stack: set[Node] = set()
    for root in edges:
        if root in order:
            continue
        path = [(root, iter(edges[root]))]
        order[root] = lowest[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while path:
            node, following = path[-1]
            for after in following:
                if after not in order:
                    order[after] = lowest[after] = len(order)
                    stack.append(after)
                    on_stack.add(after)
                    path.append((after, iter(edges[after])))
                    break
                if after in on_stack:
                    lowest[node] = min(lowest[node], order[after])
            else:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[node])
                if lowest[node] == order[node]:
                    component: set[Node] = set()
                    while node not in component:
                        component.add(stack.pop())
                    on_stack -= component
                    yield component
