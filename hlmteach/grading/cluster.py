"""Collecting on a Dask cluster, for thousands: the same jobs, the same results."""

from hlmteach.errors import HLMError
from hlmteach.grading.collect import collect_bytes, read_collected

CONNECTED_IN = 5  # seconds that a scheduler has to answer
IN_FLIGHT = 4  # notebooks on their way, for each worker


def collect_on_cluster(todo: dict, options):
    """Yield (i, Collected) as the cluster's workers finish.

    A notebook's bytes go there, plain values come back. Workers need hlmteach, and room for one box
    each: give every worker one thread.
    """
    client = _client(options.scheduler)
    from distributed import as_completed

    waiting = iter(todo.items())
    with client:
        in_flight, running = {}, as_completed()
        for _ in range(IN_FLIGHT * max(1, len(client.nthreads()))):
            _send_next(client, waiting, in_flight, running, options)
        for job in running:
            yield in_flight.pop(job), read_collected(job.result())
            _send_next(client, waiting, in_flight, running, options)


def _send_next(client, waiting, in_flight: dict, running, options) -> None:
    """Send the next notebook, if there is one; only a few are in memory at a time."""
    i, one = next(waiting, (None, None))
    if one is not None:
        content = one.copy.read_bytes()
        given = (content, options.limits, options.run, options.beside)
        job = client.submit(collect_bytes, *given, pure=False)
        in_flight[job] = i
        running.add(job)


def _client(address: str):
    try:
        from distributed import Client
    except ImportError:
        raise HLMError(
            "--scheduler needs Dask, which is not installed. Mend it with: pip install distributed"
        ) from None
    try:
        return Client(address, timeout=CONNECTED_IN)
    except (OSError, ValueError) as error:
        raise HLMError(f"No Dask scheduler answers at {address}: {error}") from None
