"""The pages that explain feeds, indicators and warehouse: `<home>/docs`."""
