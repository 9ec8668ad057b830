"""Commands that are killed, stopped, or kept from writing, and what becomes of them: docs/reliability.md."""
