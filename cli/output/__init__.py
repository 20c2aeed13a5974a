"""The output of each command: one file per command, with the command's name."""
