"""When things run, and nothing else.

Schedules, assets, pools, retries and one call a task; what a task does lives in the room whose
function it calls. No room knows this package.
"""
