"""Dates and numbers as this portal writes and reads them (settings.FORMAT_MODULE_PATH).

Django has no Vietnamese input formats and falls back to month/day/year: 05/01/2027, typed as the
fifth of January, would become the first of May without a word.
"""
