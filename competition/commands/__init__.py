"""What each command does, one module a command; `competition.cli` declares their options."""
