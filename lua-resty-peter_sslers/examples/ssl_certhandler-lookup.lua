-- The body of ssl_certificate_by_lua_block.
require("resty.peter_sslers").set_ssl_certificate(1, "http://127.0.0.1:7201/.well-known/admin", 1)
