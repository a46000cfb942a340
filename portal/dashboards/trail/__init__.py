"""The audit trail for people.

choices.py  what the address asks for, and the events that fit
pages.py    events in words, with links; the state of the chain
exports.py  the same rows as a file
"""
