"""What is done about the personal data of an environment: its masking key is rotated."""
