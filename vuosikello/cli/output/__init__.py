"""What a person sees in the terminal, one module for each subject.

Nothing here decides anything. Results go to standard output; progress, notes and errors to standard
error, so that output can be piped.
"""
