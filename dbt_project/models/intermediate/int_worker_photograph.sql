{{ config(materialized='view') }}

{{ photograph_rows('workers') }}
