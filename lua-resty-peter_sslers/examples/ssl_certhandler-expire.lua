-- The body of content_by_lua_block in `location /.peter_sslers/nginx/shared_cache/expire`.
require("resty.peter_sslers").expire_ssl_certs()
