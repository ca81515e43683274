"""HTTP: parse, call a use case, show. Read resource, register, pages, actions; then admin/."""
