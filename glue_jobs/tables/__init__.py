"""Delta tables: reading, writing in transactions, maintenance. No other room imports Delta."""
