"""`make run`: prepare the portal on one machine, start its three processes, keep them, stop them.

checks.py       what must hold before anything is touched, one clear line each
preparation.py  database, static files, demonstration, broker
supervision.py  the processes of the Procfile
welcome.py      what is printed when the portal answers
"""
