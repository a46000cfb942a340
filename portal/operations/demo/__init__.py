"""The demonstration: two years of a programme, whatever today's date is. Everything in it is made up.

programme-2023.yaml  the programme, agencies, heads' (invented) names; names.yaml more names
people.py            accounts, one password, one-time codes
scenes.py            how each assignment stands on a day: pure, no database, no clock
history.py           writes the scenes into rows and their log
extending.py         requests for extension, one for each deadline that moved
urging.py            what was said to those who are late
reports.py           the periodic reports of both years
consolidations.py    what the command made of them, per period
reviewing.py         interim and annual reviews
evidence.py          small files that say what they are
citing.py            papers that give assignments out, and show results
rounds.py            freezes, certifies and signs by the portal's own code
building.py          all of it, in order

The file speaks of 2023. Every date of it is moved by whole years, those of the reorganisation of
2025 too, so that the 46 parties of 2023 exist today and their mergers lie ahead, as they did then.
"""
