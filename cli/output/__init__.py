"""What each command prints: one file a command, under the name of the command."""
