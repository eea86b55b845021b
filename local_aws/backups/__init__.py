"""AWS Backup: backups of tables and clusters, their copies in another region, and restores."""
