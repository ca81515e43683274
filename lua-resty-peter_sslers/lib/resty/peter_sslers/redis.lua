-- Redis as a source of certificates, in the two styles that Peter writes.

local metrics = require "resty.peter_sslers.metrics"
local options = require "resty.peter_sslers.options"
local store = require "resty.peter_sslers.store"

-- Older ones leave out TLS without a word.
local OLDEST = 0.28
local has_resty, client = pcall(require, "resty.redis")
if not has_resty or (tonumber(client._VERSION) or 0) < OLDEST then
    client = require "resty.peter_sslers.redis_client"
end

local M = {}

local log, DEBUG, ERR = ngx.log, ngx.DEBUG, ngx.ERR

local SOURCE = "redis"
local IDLE_MS, POOL = 10000, 100

local function address()
    if options.redis_socket then
        return "unix:" .. options.redis_socket
    end
    return options.redis_host .. ":" .. options.redis_port
end

local function dial(redcon)
    local chosen = {
        -- Not shared with other users of the same Redis: they may be in another database.
        pool = table.concat({ "peter_sslers", address(), options.redis_db }, "|"),
        ssl = options.redis_ssl,
        ssl_verify = options.redis_ssl_verify,
        server_name = options.redis_server_name or options.redis_host,
    }
    if options.redis_socket then
        return redcon:connect(address(), chosen)
    end
    return redcon:connect(options.redis_host, options.redis_port, chosen)
end

local function introduce(redcon)
    if options.redis_username then
        return redcon:auth(options.redis_username, options.redis_password or "")
    elseif options.redis_password then
        return redcon:auth(options.redis_password)
    end
    return true
end

local function prepare(redcon)
    local times, err = redcon:get_reused_times()
    if not times then
        log(ERR, "Redis: failed to detect times: ", err)
        return nil, err
    elseif times > 0 then
        return true
    end
    local ok
    ok, err = introduce(redcon)
    if ok then
        log(DEBUG, "Redis: changing to db:", options.redis_db, ", times:", times)
        ok, err = redcon:select(options.redis_db)
    end
    return ok, err
end

-- A connection in our database; or nil and the reason.
function M.connect()
    local redcon = client:new()
    local time = options.redis_timeout * 1000
    redcon:set_timeouts(options.redis_connect_timeout * 1000, time, time)
    log(DEBUG, "Redis: about to connect to redis: ", address())
    local ok, err = dial(redcon)
    if ok then
        ok, err = prepare(redcon)
    end
    if not ok then
        redcon:close()
        return nil, err
    end
    return redcon
end

function M.keep(redcon)
    local ok, err = redcon:set_keepalive(IDLE_MS, POOL)
    if not ok then
        log(DEBUG, "Redis: connection is not kept: ", err)
    end
    return ok
end

local function is_text(value)
    return type(value) == "string" and value ~= ""
end

-- Style 1 has ids in the hash, and the PEM elsewhere. A certificate need not have a chain.
local function follow(redcon, fields)
    local cert, pkey, chain = unpack(fields)
    if not (is_text(cert) and is_text(pkey)) then
        return nil
    end
    redcon:init_pipeline()
    redcon:get("c:" .. cert)
    redcon:get("p:" .. pkey)
    if is_text(chain) then
        redcon:get("i:" .. chain)
    end
    local texts, err = redcon:commit_pipeline()
    if not texts then
        return nil, err
    end
    for _, text in ipairs(texts) do
        if not is_text(text) then
            return nil
        end
    end
    return { cert = table.concat({ texts[1], texts[3] }, "\n"), pkey = texts[2] }
end

-- A pair; or nil, and the reason where it is not known whether there is one.
local function read_1(redcon, name)
    local fields, err = redcon:hmget("d1:" .. name, "c", "p", "i")
    if not fields then
        return nil, err or "no answer"
    end
    return follow(redcon, fields)
end

local function read_2(redcon, name)
    local fields, err = redcon:hmget("d2:" .. name, "f", "p")
    if not fields then
        return nil, err or "no answer"
    elseif is_text(fields[1]) and is_text(fields[2]) then
        return { cert = fields[1], pkey = fields[2] }
    end
end

local READERS = { read_1, read_2 }

function M.read(redcon, strategy, name)
    log(DEBUG, "Redis: prime_", strategy, "__query_redis : ", name)
    return READERS[strategy](redcon, name)
end

local function asked(name, strategy)
    local redcon, err = M.connect()
    if not redcon then
        log(ERR, "Redis: could not get connection: ", err)
        return nil, err
    end
    local pair
    pair, err = M.read(redcon, strategy, name)
    if err then
        log(ERR, "Redis: no answer for : ", name, " ", err)
        redcon:close()
    else
        M.keep(redcon)
    end
    return pair, err
end

-- "found" and its pairs, "unknown" or "failed".
function M.look(name, strategy)
    if store.is_paused(SOURCE) then
        return "failed"
    end
    local pair, err = asked(name, strategy)
    local outcome = pair and "found" or err and "failed" or "unknown"
    if err then
        store.pause(SOURCE, options.redis_pause)
    end
    metrics.looked("redis", outcome)
    return outcome, { pair }
end

return M
