"""What runs in the sandbox: the only code that parses a stranger's bytes.

It needs neither Django nor the rest of the portal. portal.files.sandbox starts main.main() in a process
of its own, where this package is called `files.worker`: hence the relative imports.
"""
