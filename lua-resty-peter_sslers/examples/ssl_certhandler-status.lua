-- The body of content_by_lua_block in `location /.peter_sslers/nginx/shared_cache/status`.
require("resty.peter_sslers").status_ssl_certs()
