{{ state_spells(
    ref('int_place_photograph'),
    key=['place_id'],
    state=['municipality', 'kind', 'sector', 'target_groups']
) }}
