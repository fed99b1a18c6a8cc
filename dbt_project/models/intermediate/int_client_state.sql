{{ state_spells(
    ref('int_client_photograph'),
    key=['client_id'],
    state=['municipality', 'team', 'intensity', 'special_support', 'labour_market_status', 'household']
) }}
