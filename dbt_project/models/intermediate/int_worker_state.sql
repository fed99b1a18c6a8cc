{{ state_spells(
    ref('int_worker_photograph'),
    key=['worker_id', 'started_on', 'post'],
    state=['profession', 'team', 'municipality', 'fte']
) }}
