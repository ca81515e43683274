-- What can be set, with its defaults. Times are in seconds.

local M = {}

local values = {
    -- How long a pair is fresh, in the shared dict and parsed in a worker.
    cert_cache_duration = 600,
    lru_cache_duration = 60,
    lru_maxitems = 200,
    -- How long a pair that could not be refreshed is still served.
    stale_duration = 7 * 24 * 3600,
    -- How long a name stays unknown, and how long nobody asks again after a failure.
    negative_duration = 60,
    failure_duration = 3,
    -- The longest that a handshake waits, and that a look-up goes on without it.
    handshake_timeout = 0.9,
    lookup_timeout = 6,
    -- Look-ups, and autocerts, that one worker has under way.
    lookups = 64,
    autocerts = 16,
    -- With several certificates of a name, also one of another key technology.
    dual = false,

    redis_host = "127.0.0.1",
    redis_port = 6379,
    redis_db = 9,
    redis_ssl = false,
    redis_ssl_verify = true,
    redis_connect_timeout = 0.1,
    redis_timeout = 0.2,
    -- How long a Redis, and a Peter, that did not answer is left alone.
    redis_pause = 5,

    peter_ssl_verify = true,
    peter_connect_timeout = 0.3,
    peter_timeout = 3,
    peter_pause = 2,
    autocert_timeout = 120,
}

-- Those that have no default.
local TEXTS = {
    redis_socket = true,
    redis_username = true,
    redis_password = true,
    redis_server_name = true,
    peter_server_name = true,
    peter_token = true,
    peter_username = true,
    peter_password = true,
}

local LONGEST_HANDSHAKE = 1

local function fault(name, value)
    local kind = TEXTS[name] and "string" or type(values[name])
    if kind == "nil" then
        return "there is no such option"
    elseif type(value) ~= kind then
        return "must be a " .. kind
    elseif kind == "number" and not (value >= 0 and value < math.huge) then
        return "must not be negative"
    elseif name == "handshake_timeout" and value > LONGEST_HANDSHAKE then
        return "must be at most " .. LONGEST_HANDSHAKE
    end
end

-- Take over what `chosen` names. Raises an error that names the option, never its value.
function M.set(chosen)
    for name, value in pairs(chosen) do
        local wrong = fault(name, value)
        if wrong then
            error("peter_sslers: option " .. tostring(name) .. " " .. wrong, 3)
        end
    end
    for name, value in pairs(chosen) do
        values[name] = value
    end
end

local REDIS = { values.redis_host, values.redis_port, values.redis_db }

-- What is nil goes back to its default.
function M.set_redis(host, port, db)
    values.redis_host = host or REDIS[1]
    values.redis_port = port or REDIS[2]
    values.redis_db = db or REDIS[3]
end

return setmetatable(M, { __index = values })
