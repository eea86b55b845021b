"""The embedded Step Functions: moto's interpreter executes deployed state machines, as their own role."""
