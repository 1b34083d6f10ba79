"""What clients see: GraphQL types, names and errors."""
