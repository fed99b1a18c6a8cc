{{ config(materialized='view') }}

{{ photograph_rows('clients') }}
