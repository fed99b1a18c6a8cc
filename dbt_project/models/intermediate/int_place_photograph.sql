{{ config(materialized='view') }}

{{ photograph_rows('places') }}
