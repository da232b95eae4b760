"""Pictures of people: sets of their own, and sets that are fetched when somebody asks for them."""
