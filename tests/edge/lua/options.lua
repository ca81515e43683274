local options = require "resty.peter_sslers.options"
local test = require "expect"

local function refused(chosen)
    local ok, message = pcall(options.set, chosen)
    return not ok and message:match("option (.*)$")
end

options.set({ cert_cache_duration = 90, peter_token = "secret", dual = true })
test.expect("set", { options.cert_cache_duration, options.peter_token, options.dual }, { 90, "secret", true })
options.set({ cert_cache_duration = nil })
test.expect("nil keeps", options.cert_cache_duration, 90)

test.expect("unknown", refused({ colour = "red" }), "colour there is no such option")
test.expect("kind", refused({ redis_port = "6379" }), "redis_port must be a number")
test.expect("the value is not repeated", refused({ redis_password = 12345 }), "redis_password must be a string")
test.expect("negative", refused({ redis_timeout = -1 }), "redis_timeout must not be negative")
test.expect("endless", refused({ redis_timeout = math.huge }), "redis_timeout must not be negative")
test.expect("handshake", refused({ handshake_timeout = 1.1 }), "handshake_timeout must be at most 1")
test.expect("all or nothing", refused({ redis_timeout = 7, nonsense = 1 }), "nonsense there is no such option")
test.expect("nothing was taken over", options.redis_timeout, 0.2)

options.set_redis("10.0.0.1", 6380, 1)
test.expect("redis", { options.redis_host, options.redis_port, options.redis_db }, { "10.0.0.1", 6380, 1 })
options.set_redis("10.0.0.1")
test.expect("redis' defaults", { options.redis_host, options.redis_port, options.redis_db }, { "10.0.0.1", 6379, 9 })

-- What a handshake that finds nothing anywhere can take.
test.expect("a second at most", options.handshake_timeout <= 1, true)

test.finish()
